"""The JSON Schema and the reference: both from the classes, and true to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from mlstack.errors import UsageError
from mlstack.spec import Endpoint, Stack
from mlstack.spec.explain import explain, iter_fields
from mlstack.spec.schema import json_schema

EVERYTHING = Path(__file__).parents[3] / "examples" / "kitchen-sink" / "mlstack.yaml"
MODEL: dict[str, Any] = {"model": "m"}


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_example_with_everything_fits_the_schema(validator: Any) -> None:
    data = YAML(typ="safe", pure=True).load(EVERYTHING.read_text())

    assert [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "Digits"},
        {"name": "d", "enviroments": {}},
        {"name": "d", "cloud": []},
        {"name": "d", "jobs": {"train": {"command": "c", "nodes": 0}}},
        {"name": "d", "jobs": {"Train": {"command": "c"}}},
        {"name": "d", "jobs": {"train": {"command": "c", "inputs": {"x": "digits"}}}},
        {"name": "d", "jobs": {"train": {"command": "c", "timeout": "soon"}}},
        {"name": "d", "models": {"m": {"hub": "a/b", "flavor": "sklern"}}},
        {"name": "d", "compute": {"c": {"cpus": 0}}},
        {"name": "d", "endpoints": {"e": {"deployments": {"a": {**MODEL, "replicas": 0}}}}},
        {"name": "d", "endpoints": {"e": {"deployments": {"a": {**MODEL, "traffic": 101}}}}},
    ],
)
def test_what_the_classes_refuse_the_schema_refuses(validator: Any, wrong: dict[str, Any]) -> None:
    assert not validator.is_valid(wrong)


def test_what_is_short_fits_the_schema(validator: Any) -> None:
    deployment = {"model": {"hub": "a/b"}, "replicas": 3, "memory": "512Mi", "cpus": 0.5, "traffic": "100%"}

    assert validator.is_valid({"name": "d", "endpoints": {"e": {"deployments": {"a": deployment}}}})


def test_the_schema_says_what_it_is(validator: Any) -> None:
    schema = validator.schema

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    for owner in [schema, *schema["$defs"].values()]:
        assert owner["additionalProperties"] is False
        assert owner["description"]
        for name, field in owner["properties"].items():
            assert field.get("description"), name


def test_the_whole_is_explained() -> None:
    whole = explain("")

    assert [child.name for child in whole.children] == list(Stack.model_fields)
    assert whole.about == "A whole spec: where, and which resources of each kind, by name."


def test_a_kind_is_explained_by_either_word() -> None:
    kind = explain("endpoints")

    assert kind == explain("endpoint")
    assert kind.type == "map of name to Endpoint"
    assert kind.about == "One address, one key, and one or more deployments that share its requests."
    assert {child.path for child in kind.children} == {f"endpoints.{name}" for name in Endpoint.model_fields}


def test_a_field_is_explained() -> None:
    replicas = explain("endpoints.deployments.replicas")
    least = explain("endpoints.deployments.replicas.min")

    assert [child.name for child in replicas.children] == ["min", "max", "target", "idle"]
    assert replicas.default == "min: 1, max: 1"
    assert (least.type, least.default, least.required, least.children) == ("whole number", "1", False, [])
    assert "Left out: 1" in least.description


@pytest.mark.parametrize(
    ("path", "word", "default", "required"),
    [
        ("name", "name", None, True),
        ("cloud", "cloud, or a list of them", "local", False),
        ("models.from", "jobs.NAME.OUTPUT", None, False),
        ("jobs.rerun", "changed | always | never", "changed", False),
        ("jobs.environment", "name in environments", None, False),
        ("jobs.env", "map of variable to text", None, False),
        ("compute.memory", "GiB", None, False),
        ("compute.spot", "true or false", "false", False),
        ("endpoints.deployments.model", "name in models, or InlineModel", None, False),
        ("endpoints.deployments.model.hub", "text", None, False),
        ("monitors.notify", "list of name in notifications", None, False),
        ("schedules.cron", "cron expression", None, False),
    ],
)
def test_types_are_in_words(path: str, word: str, default: str | None, required: bool) -> None:
    doc = explain(path)

    assert (doc.type, doc.default, doc.required) == (word, default, required)


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("endpoint.deployment", "did you mean 'endpoints.deployments'?"),
        ("capture", "did you mean 'endpoints.deployments.capture'?"),
        ("flavor", "did you mean 'models.flavor' or 'endpoints.deployments.model.flavor'?"),
        ("enviroments", "did you mean 'environments'?"),
        ("endpoints.deployments.replicas.minimum", "did you mean 'endpoints.deployments.replicas.min'?"),
        ("jobs.command.x", "there is nothing below jobs.command"),
        ("budget.zzz", "choose one of tags, native, amount, currency, per"),
        ("jobs..x", "choose one of"),
    ],
)
def test_an_unknown_path_is_a_usage_error(path: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(path)
    assert caught.value.code == "unknown-field"
    assert remedy in str(caught.value.remedy)


def test_every_field_is_walked_once() -> None:
    docs = list(iter_fields())
    paths = [doc.path for doc in docs]

    assert len(paths) == len(set(paths))
    assert {"name", "endpoints.deployments.replicas.min", "pipelines.steps.approval.by"} <= set(paths)
    for doc in docs:
        explained = explain(doc.path)
        assert (explained.type, explained.description) == (doc.type, doc.description)
        assert doc.description
        assert ".".join(doc.path.split(".")[:-1]) in {"", *paths}


def test_every_class_of_the_schema_is_walked() -> None:
    """A class that the schema has and the reference lacks would be a field nobody can look up."""
    abouts = {explain(doc.path).about for doc in iter_fields()} | {explain("").about}

    for name, definition in json_schema()["$defs"].items():
        first = " ".join(definition["description"].split("\n\n")[0].split())
        assert first in abouts, name
