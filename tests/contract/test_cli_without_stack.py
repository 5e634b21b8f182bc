"""What the command line promises where there is no stack: reference, diagnosis, and errors of usage."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

TOP = {
    *(
        "version",
        "name",
        "cloud",
        "region",
        "security",
        "tags",
        "settings",
        "workspace",
        "secrets",
        "compute",
    ),
    *("environments", "data", "jobs", "models", "endpoints", "monitors", "notifications", "pipelines"),
    *("schedules", "budget", "policies"),
}
COMMANDS = [
    "validate",
    "preview",
    "up",
    "down",
    "refresh",
    "status",
    "outputs",
    "logs",
    "schema",
    "explain",
    "doctor",
]


def said(ran: Any) -> str:
    """What the failure tells the user, wherever in the message it stands."""
    assert ran.error["category"] == "user"
    return f"{ran.error['message']} {ran.error['where']} {ran.error['remedy']}"


def test_validate_of_a_sound_spec(fresh: Any) -> None:
    before = sorted(fresh.folder.rglob("*"))

    ran = fresh.run("validate", "--json")

    assert ran.code == 0, ran
    assert not {"error", "errors"} & {key for key, value in ran.json.items() if value}
    assert sorted(fresh.folder.rglob("*")) == before


def test_the_schema_knows_every_key_and_no_other(empty: Any) -> None:
    plain, with_option = empty.run("schema"), empty.run("schema", "--json")

    assert (plain.code, with_option.code) == (0, 0), plain
    assert plain.json == with_option.json
    assert plain.json["$schema"].startswith("https://json-schema.org/")
    assert set(plain.json["properties"]) >= TOP
    assert plain.json["additionalProperties"] is False


def test_explain_knows_every_field(empty: Any) -> None:
    told, read = (empty.run("explain", "endpoints.deployments.replicas", *args) for args in (["--json"], []))

    assert (told.code, read.code) == (0, 0), told
    for field in ("min", "max", "target", "idle"):
        assert f'"{field}"' in json.dumps(told.json)
        assert re.search(rf"\b{field}\b", read.stdout)


def test_explain_lists_the_kinds(empty: Any) -> None:
    ran = empty.run("explain")

    assert ran.code == 0, ran
    kinds = (
        "compute",
        "environments",
        "data",
        "jobs",
        "models",
        "endpoints",
        "monitors",
        "pipelines",
        "schedules",
    )
    assert [kind for kind in kinds if not re.search(rf"\b{kind}\b", ran.stdout)] == []


def test_explain_suggests_the_field_that_was_meant(empty: Any) -> None:
    ran = empty.run("explain", "endpoints.deployments.replcas", "--json")

    assert ran.code == 2, ran
    assert "replicas" in said(ran)


def test_doctor_looks_at_the_engine(empty: Any) -> None:
    ran = empty.run("doctor", "--json")

    assert ran.code in {0, 1}, ran
    assert re.search("engine|pulumi", ran.stdout, re.IGNORECASE)
    assert ran.json
    assert not list(empty.folder.iterdir()), "it only looks"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_a_usage_error(empty: Any, command: str) -> None:
    ran = empty.run(command, "--json", "--nonesuch")

    assert ran.code == 2, ran
    assert "--nonesuch" in said(ran)


def test_an_unknown_command_is_a_usage_error(empty: Any) -> None:
    ran = empty.run("previw")

    assert ran.code == 2, ran
    assert "preview" in ran.stderr


@pytest.mark.parametrize("command", ["validate", "preview", "up", "down", "status", "outputs"])
def test_an_empty_folder_is_named_as_such(empty: Any, command: str) -> None:
    ran = empty.run(command, "--json")

    assert ran.code in {2, 3}, ran
    assert "mlstack.yaml" in ran.stdout
    assert ran.json.get("errors") or said(ran)
    assert not list(empty.folder.iterdir())


def test_a_spec_that_is_not_there_is_named(empty: Any) -> None:
    ran = empty.run("validate", "-f", "elsewhere/stack.yaml", "--json")

    assert ran.code in {2, 3}, ran
    assert "elsewhere/stack.yaml" in ran.stdout
    assert ran.json.get("errors") or said(ran)


def test_set_without_a_value_is_a_usage_error(fresh: Any) -> None:
    ran = fresh.run("validate", "--set", "jobs.train.nodes", "--json")

    assert ran.code == 2, ran
    assert "--set" in said(ran)
