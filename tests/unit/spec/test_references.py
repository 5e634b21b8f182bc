"""References: what is taken for one, what it names, and what is said about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mlstack.spec import Deployment, InlineModel, Job, Model, Ref, Step, Value
from mlstack.spec.references import Target
from mlstack.spec.walk import found

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
PARAMETERS = st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True)
FIXED = Ref("environments")
OPEN = Ref("data", "jobs", "models", "steps", or_else=Value)


@dataclass
class Component:
    """As a component of a Pulumi program offers itself."""

    mlstack_reference: str


def check(ref: Ref, value: object) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[str, ref])
    return adapter.validate_python(value)


def refusal(ref: Ref, value: object) -> tuple[str, str]:
    with pytest.raises(ValidationError) as caught:
        check(ref, value)
    (error,) = caught.value.errors()
    assert error["type"] == "bad-reference"
    return error["msg"], error["ctx"]["remedy"]


@given(NAMES)
def test_a_fixed_reference_is_a_name(name: str) -> None:
    assert check(FIXED, name) == name
    assert FIXED.target(name) == Target("environments", name)


@given(st.sampled_from(["data", "models"]), NAMES)
def test_an_open_reference_is_a_path(kind: str, name: str) -> None:
    assert check(OPEN, f"{kind}.{name}") == f"{kind}.{name}"
    assert OPEN.target(f"{kind}.{name}") == Target(kind, name, ())


@given(st.sampled_from(["jobs", "steps"]), NAMES, PARAMETERS)
def test_what_has_outputs_is_referred_to_by_one(kind: str, name: str, output: str) -> None:
    path = f"{kind}.{name}.{output}"

    assert OPEN.target(check(OPEN, path)) == Target(kind, name, (output,))
    assert str(OPEN.target(path)) == path


@given(st.text(max_size=50))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    for ref in (FIXED, OPEN):
        try:
            kept = check(ref, text)
        except ValidationError as error:
            remedies = [each["ctx"]["remedy"] for each in error.errors()]
        else:
            remedies = ["none is needed"]
            target = ref.target(kept)
            assert target.kind in ref.kinds
            assert text in (str(target), target.name)
        assert all(remedies)


@pytest.mark.parametrize(
    ("ref", "value", "remedy"),
    [
        (FIXED, "environments.sk", "write sk"),
        (FIXED, "My Env", "write a name"),
        (FIXED, 3, "write a name"),
        (FIXED, {"value": 1}, "write a name"),
        (OPEN, "digits", "data.digits, jobs.digits.OUTPUT, models.digits, steps.digits.OUTPUT"),
        (OPEN, "jobs.train", "jobs.NAME.OUTPUT"),
        (OPEN, "data.digits.part", "data.NAME"),
        (OPEN, "endpoints.digits", "data.NAME"),
        (OPEN, 1.0, "write a literal as {value: 1.0}"),
        (OPEN, [1], "{value: …}"),
        (OPEN, "jobs.train.", "jobs.NAME.OUTPUT"),
    ],
)
def test_what_is_no_reference_is_refused_with_the_forms(ref: Ref, value: object, remedy: str) -> None:
    assert remedy in refusal(ref, value)[1]


def test_a_component_stands_for_its_reference() -> None:
    assert check(FIXED, Component("environments.sk")) == "sk"
    assert check(FIXED, Component("sk")) == "sk"
    assert check(OPEN, Component("jobs.train.model")) == "jobs.train.model"
    assert Deployment(model=Component("models.digits")).model == "digits"
    assert "Component" not in refusal(FIXED, Component("data.digits"))[0]


def test_a_component_of_another_kind_is_refused() -> None:
    assert "data.digits" in refusal(FIXED, Component("data.digits"))[0]
    assert "write" in refusal(OPEN, Component("endpoints.digits"))[1]


def test_a_literal_may_stand_for_an_input() -> None:
    job = Job.model_validate(
        {"command": "run", "inputs": {"c": {"value": 1.0}, "n": {"value": 3}, "b": {"value": True}}}
    )

    assert [job.inputs[key] for key in "cnb"] == [Value(value=1.0), Value(value=3), Value(value=True)]
    assert [type(item.value) for item in job.inputs.values() if isinstance(item, Value)] == [float, int, bool]


@pytest.mark.parametrize("value", [[1], {"a": 1}, None, float("nan")])
def test_a_literal_is_a_single_value(value: object) -> None:
    with pytest.raises(ValidationError, match="not-scalar") as caught:
        Job.model_validate({"command": "run", "inputs": {"c": {"value": value}}})
    assert caught.value.errors()[0]["loc"] == ("inputs", "c", "value")


def test_an_unknown_key_of_a_literal_is_named_where_it_is() -> None:
    with pytest.raises(ValidationError) as caught:
        Job.model_validate({"command": "run", "inputs": {"c": {"value": 1, "unit": "m"}}})
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [
        ("extra_forbidden", ("inputs", "c", "unit"))
    ]


def test_a_model_may_be_written_in_its_place() -> None:
    model = Deployment.model_validate({"model": {"hub": "org/name"}}).model

    assert isinstance(model, InlineModel)
    assert model.hub == "org/name"


def test_references_are_found_by_their_marks() -> None:
    step = Step.model_validate(
        {
            "job": "train",
            "inputs": {"data": "steps.prepare.clean", "c": {"value": "data.no-reference"}},
            "needs": ["prepare"],
            "when": "${{steps.check.metrics.accuracy}} > 0.9",
        }
    )

    assert [(item.path, item.text) for item in found(step, ("here",))] == [
        (("here", "job"), "train"),
        (("here", "inputs", "data"), "steps.prepare.clean"),
        (("here", "needs", 0), "prepare"),
        (("here", "when"), "${{steps.check.metrics.accuracy}} > 0.9"),
    ]


def test_the_path_of_a_reference_is_that_of_the_file() -> None:
    assert [item.path for item in found(Model.model_validate({"from": "jobs.train.model"}))] == [("from",)]
