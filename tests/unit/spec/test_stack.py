"""A whole spec: the example with everything in it, in and out, and where its values are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from mlstack import graph
from mlstack.spec import InlineModel, Replicas, Stack, Value, resources
from mlstack.spec.partial import partial

EVERYTHING = Path(__file__).parents[3] / "examples" / "kitchen-sink" / "mlstack.yaml"


@pytest.fixture
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(EVERYTHING.read_text())
    return loaded


def test_the_example_with_everything_is_valid(data: dict[str, Any]) -> None:
    stack = Stack.model_validate(data)

    assert graph.problems(stack) == []
    assert len(list(resources(stack))) == 24
    assert stack.jobs["train"].inputs == {"data": "data.digits", "c": Value(value=1.0)}
    green = stack.endpoints["digits"].deployments["green"]
    assert isinstance(green.replicas, Replicas)
    assert str(green.replicas.idle) == "10m"
    model = stack.endpoints["chat"].deployments["main"].model
    assert isinstance(model, InlineModel)
    assert model.hub == "mistralai/Mistral-7B-Instruct-v0.3"
    assert stack.monitors["slow"].threshold == 0.2
    assert str(stack.compute["big"].gpu) == "a100-80:1"


def test_what_is_written_out_reads_back_the_same(data: dict[str, Any]) -> None:
    stack = Stack.model_validate(data)

    for dumped in (
        stack.model_dump(by_alias=True, exclude_unset=True),
        stack.model_dump(mode="json", by_alias=True),
        stack.model_dump(mode="json"),
    ):
        assert Stack.model_validate(dumped) == stack


def test_every_key_of_the_example_reaches_the_stack(data: dict[str, Any]) -> None:
    """Nothing is dropped: what was written is in the dump, in its canonical form."""
    dumped = Stack.model_validate(data).model_dump(mode="json", by_alias=True)

    def lacking(written: object, kept: object, path: str) -> list[str]:
        if isinstance(written, dict) and isinstance(kept, dict):
            return [
                missing
                for key, value in written.items()
                for missing in (
                    [f"{path}.{key}"] if key not in kept else lacking(value, kept[key], f"{path}.{key}")
                )
            ]
        return []

    assert lacking(data, dumped, "") == []


def test_a_name_is_enough() -> None:
    stack = Stack(name="digits")

    assert (stack.version, stack.cloud, stack.security) == (1, "local", "standard")
    assert graph.order(stack) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cloud": []}, "bad-cloud"),
        ({"cloud": ["aws", "aws"]}, "bad-cloud"),
        ({"cloud": "AWS"}, "bad-cloud"),
        ({"cloud": 1}, "bad-cloud"),
        ({"region": "west europe"}, "bad-region"),
        ({"region": [1]}, "bad-region"),
        ({"version": 2}, "literal_error"),
        ({"security": "high"}, "literal_error"),
        ({"jobs": ["train"]}, "dict_type"),
        ({"settings": {"local": 3}}, "dict_type"),
        ({"enviroments": {}}, "extra_forbidden"),
        ({"policies": ["No Such"]}, "bad-name"),
    ],
)
def test_one_mistake_at_the_top_is_one_error(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Stack.model_validate({"name": "digits", **change})
    assert [error["type"] for error in caught.value.errors()] == [code]


def test_candidates_may_be_listed() -> None:
    stack = Stack(name="digits", cloud=["azure", "aws"], region=["westeurope", "eu-west-1"])

    assert stack.cloud == ["azure", "aws"]


class Text:
    """A source of one line."""

    root = Path("/somewhere")

    def locate(self, path: Sequence[str | int]) -> tuple[str | None, int | None, int | None]:
        return ("mlstack.yaml", len(path), 1)


def test_a_stack_knows_where_its_values_are() -> None:
    stack = Stack(name="digits")
    assert stack.root == Path.cwd()
    assert stack.where(("jobs", "train")) == (None, None, None)

    stack._source = Text()
    assert stack.root == Path("/somewhere")
    assert stack.where(("jobs", "train")) == ("mlstack.yaml", 2, 1)


def test_where_a_stack_was_read_from_makes_it_no_other() -> None:
    one, other = Stack(name="digits"), Stack(name="digits")
    one._source = Text()

    assert one.model_dump() == other.model_dump()


def test_a_stack_is_loaded_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mlstack.yaml").write_text("name: digits\nmodels:\n  m: {hub: org/name}\n")

    stack = Stack.load(tmp_path / "mlstack.yaml")

    assert stack.models["m"].hub == "org/name"
    assert stack.root == tmp_path
    assert stack.where(("models", "m", "hub"))[1:] == (3, 12)


def test_a_half_built_stack_keeps_every_reference(data: dict[str, Any]) -> None:
    whole = Stack.model_validate(data)

    assert graph.references(partial(data, ())) == graph.references(whole)


def test_a_half_built_stack_lacks_what_is_wrong(data: dict[str, Any]) -> None:
    data["jobs"]["train"]["nodes"] = "many"
    data["jobs"]["train"]["environment"] = "skk"
    data["jobs"]["train"]["inputs"]["c"] = "c"
    data["environments"]["sk"] = 3
    wrong = [("jobs", "train", "nodes"), ("jobs", "train", "inputs", "c"), ("environments", "sk")]

    problems = graph.problems(partial(data, wrong))

    assert [(problem.path, problem.remedy) for problem in problems] == [
        ("jobs.train.environment", "did you mean 'sk'?")
    ]
