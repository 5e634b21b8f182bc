"""Pydantic's errors in words: one problem a place, with what was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from mlstack.errors import Problem
from mlstack.spec.faults import fault, shown
from mlstack.spec.load.collapse import faults
from mlstack.spec.load.compose import compose
from mlstack.spec.load.messages import Messages
from mlstack.spec.source import Source


def reference(value: Any) -> str:
    if isinstance(value, str) and value.islower():
        return value
    raise fault("bad-reference", f"{shown(value)} is no reference", "write a name")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Hub(Strict):
    hub: str


class File(Strict):
    path: str


class Range(Strict):
    min: int = 0
    max: int

    @model_validator(mode="after")
    def _order(self) -> Range:
        if self.min > self.max:
            raise fault("min-above-max", f"min is {self.min} and max is {self.max}", "lower min")
        return self


class Thing(Strict):
    model: Annotated[str, PlainValidator(reference)] | Hub | File | None = None
    replicas: int | Range = 1
    mode: Literal["fast", "slow"] | None = None
    count: Literal["auto"] | int = "auto"
    size: float = Field(default=1, gt=0)
    label: str = ""
    names: list[str] = []
    password: Annotated[str, BeforeValidator(reference)] | None = None
    deep: dict[str, Range] = {}


class Root(Strict):
    things: dict[Annotated[str, Field(pattern="^[a-z]+$")], Thing] = {}


def problems(thing: object) -> list[Problem]:
    """The problems of one thing; the text has a line per field, and the thing's name in the first line."""
    lines = (
        [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in thing.items()] if isinstance(thing, dict) else []
    )
    tree, _ = compose("things: {t: {\n" + ",\n".join(lines) + "\n}}", "f.yaml")
    assert tree is not None
    data = tree.plain()
    with pytest.raises(ValidationError) as caught:
        Root.model_validate(data)
    messages = Messages(Root, Source(tree, Path(), "f.yaml"))
    return [messages.problem(each) for each in faults(caught.value.errors(), data)]


def one(thing: object) -> Problem:
    (problem,) = problems(thing)
    assert problem.remedy
    return problem


def test_an_unknown_key() -> None:
    problem = one({"label": "x", "repliccas": 1})
    assert (problem.code, problem.path, problem.line, problem.column) == (
        "unknown-key",
        "things.t.repliccas",
        3,
        3,
    )
    assert problem.message == "unknown key 'repliccas' in things.t"
    assert problem.remedy == "did you mean 'replicas'?"


def test_an_unknown_key_that_is_near_nothing_lists_what_is_known() -> None:
    assert str(one({"zzz": 1}).remedy).startswith("known here: model, replicas, mode")


def test_a_missing_key_is_at_its_parent() -> None:
    problem = one({"label": "x", "deep": {"a": {"min": 1}}})
    assert (problem.code, problem.path, problem.line, problem.column) == (
        "missing-key",
        "things.t.deep.a.max",
        3,
        12,
    )
    assert "things.t.deep.a has no 'max'" in problem.message
    assert problem.remedy == "add `max: …`"


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ({"label": 3}, "things.t.label is 3, where a text is expected"),
        ({"label": True}, "things.t.label is true, where a text is expected"),
        ({"label": [1]}, "things.t.label is a list, where a text is expected"),
        ({"names": "a"}, "things.t.names is 'a', where a list is expected"),
        ({"names": ["a", 1]}, "things.t.names.1 is 1, where a text is expected"),
        ({"deep": 3}, "things.t.deep is 3, where a mapping is expected"),
        ({"size": "big"}, "things.t.size is 'big', where a number is expected"),
        ({"replicas": "two"}, "things.t.replicas is 'two', where a whole number or a mapping is expected"),
        ({"replicas": None}, "things.t.replicas is nothing, where a whole number or a mapping is expected"),
        ({"count": [1]}, "things.t.count is a list, where 'auto' or a whole number is expected"),
        ({"mode": 3}, "things.t.mode is 3, where 'fast' or 'slow' is expected"),
    ],
)
def test_a_wrong_type(thing: dict[str, Any], message: str) -> None:
    problem = one(thing)
    assert (problem.code, problem.message) == ("wrong-type", message)
    assert problem.line == 2


def test_a_mapping_that_would_do_is_described() -> None:
    assert one({"replicas": "two"}).remedy == "write a whole number or a mapping with min, max"


def test_a_long_value_is_shortened() -> None:
    message = one({"size": "x" * 500}).message
    assert len(message) < 130
    assert "...'" in message


def test_a_choice() -> None:
    problem = one({"mode": "slwo"})
    assert problem.code == "unknown-value"
    assert problem.message == "'slwo' is no value of things.t.mode"
    assert problem.remedy == "did you mean 'slow'? allowed: 'fast' or 'slow'"


def test_a_bound() -> None:
    problem = one({"size": -1})
    assert problem.code == "bad-value"
    assert problem.message == "things.t.size: -1 will not do: it should be greater than 0"


def test_a_name_is_at_its_key() -> None:
    tree, _ = compose("things:\n  Bad_Name: {}\n", "f.yaml")
    assert tree is not None
    with pytest.raises(ValidationError) as caught:
        Root.model_validate(tree.plain())
    (found,) = faults(caught.value.errors(), tree.plain())
    problem = Messages(Root, Source(tree, Path())).problem(found)
    assert (problem.code, problem.line, problem.column) == ("bad-value", 2, 3)
    assert "'Bad_Name'" in problem.message


def test_the_models_own_errors_keep_code_and_remedy() -> None:
    problem = one({"replicas": {"min": 3, "max": 1}})
    assert (problem.code, problem.message, problem.remedy) == (
        "min-above-max",
        "min is 3 and max is 1",
        "lower min",
    )
    assert problem.path == "things.t.replicas"
    assert one({"model": "X"}).code == "bad-reference"


@pytest.mark.parametrize(
    ("model", "code", "path", "remedy"),
    [
        ({"hubb": "x"}, "unknown-key", "things.t.model.hubb", "did you mean 'hub'?"),
        ({"pth": "x"}, "unknown-key", "things.t.model.pth", "did you mean 'path'?"),
        ({}, "missing-key", "things.t.model", "give one of them"),
        ({"hub": 3}, "wrong-type", "things.t.model.hub", "write a text"),
        ([], "bad-reference", "things.t.model", "write a name"),
    ],
)
def test_of_several_shapes_the_one_that_was_meant_is_explained(
    model: object, code: str, path: str, remedy: str
) -> None:
    problem = one({"model": model})
    assert (problem.code, problem.path, problem.remedy) == (code, path, remedy)


def test_every_place_is_reported() -> None:
    found = problems({"mode": "x", "label": 1, "model": {"hubb": 1}, "zzz": 1, "deep": {"a": {"max": "x"}}})
    assert sorted((p.code, p.line or 0) for p in found) == [
        ("unknown-key", 4),
        ("unknown-key", 5),
        ("unknown-value", 2),
        ("wrong-type", 3),
        ("wrong-type", 6),
    ]


@pytest.mark.parametrize("value", ["Hunter2", {"a": "Hunter2"}, ["Hunter2"], 12345678])
def test_what_may_be_secret_is_never_shown(value: object) -> None:
    text = str(one({"password": value}))
    assert "Hunter2" not in text
    assert "12345678" not in text


def test_a_secret_within_a_wrong_mapping_is_not_shown() -> None:
    assert "hunter2" not in str(one({"model": [{"password": "hunter2"}]}))
    assert "hunter2" not in str(one({"label": {"token": "hunter2"}}))
