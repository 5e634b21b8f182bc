"""What the command line promises about a stack: shapes of ``--json``, exit codes, what is written where.

Written from the documents of the command line alone. One stack serves the tests of this folder.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600), pytest.mark.xdist_group("cli-contract")]

STACK = "dev-local"
STATES = {"absent", "pending", "creating", "running", "ready", "degraded", "failed", "stopped", "deleted"}


# Before the first up


def test_a_fresh_stack_previews_creations_only(fresh: Any) -> None:
    ran = fresh.run("preview", "--json")

    assert set(ran.changed) == {"create"}
    assert ran.change["summary"]["same"] == 0


def test_a_fresh_stack_has_an_absent_endpoint(fresh: Any) -> None:
    ran = fresh.run("status", "--json")

    assert ran.states["endpoint", "scores"]["state"] == "absent"


def test_up_with_nobody_to_answer_exits_5(fresh: Any) -> None:
    ran = fresh.run("up", "--json")

    assert ran.code == 5, ran
    assert ran.error["category"] == "user"
    assert fresh.run("status", "--json").states["endpoint", "scores"]["state"] == "absent"


# While it is up


def test_up_answers_with_what_it_created(served: Any) -> None:
    answer = served.up.change

    assert set(served.up.changed) == {"create"}
    ops = Counter(resource["op"] for resource in answer["resources"])
    assert {op: ops[op] for op in answer["summary"]} == answer["summary"]
    assert served.up.stderr.strip(), "progress goes to standard error"
    assert answer["outputs"] == served.outputs()


def test_a_second_preview_finds_all_the_same(served: Any) -> None:
    ran = served.run("preview", "--json")

    assert ran.changed == {}
    assert ran.change["summary"]["same"] > 0
    assert {resource["op"] for resource in ran.json["resources"]} <= {"same", "read"}


def test_a_second_up_changes_nothing(served: Any) -> None:
    ran = served.run("up", "--yes", "--json")

    assert ran.changed == {}
    assert ran.change["outputs"] == served.up.change["outputs"]


def test_a_change_shows_the_field_that_changes(served: Any) -> None:
    ran = served.run("preview", "--json", "--set", "endpoints.scores.deployments.main.env.LOG_LEVEL=debug")

    changed = [resource for resource in ran.change["resources"] if resource["op"] in {"update", "replace"}]
    paths = [change["path"] for resource in changed for change in resource["diff"]]
    assert any("env" in path for path in paths), paths
    assert served.run("preview", "--json").changed == {}, "a preview changes nothing"


def test_refresh_of_a_sound_stack_finds_all_the_same(served: Any) -> None:
    assert served.run("refresh", "--yes", "--json").changed == {}


def test_status_says_that_the_endpoint_is_ready(served: Any) -> None:
    ran = served.run("status", "--json")

    rows = ran.states
    assert (ran.json["stack"], ran.json["cloud"]) == (STACK, "local")
    assert {row["state"] for row in rows.values()} <= STATES
    assert rows["endpoint", "scores"]["state"] == "ready"
    assert rows["endpoint", "scores"]["url"] == served.endpoint()[0]
    assert {("model", "clf"), ("job", "train"), ("data", "points"), ("environment", "sk")} <= set(rows)


def test_outputs_are_nested_by_kind_and_name(served: Any) -> None:
    outputs = served.outputs()

    assert {"url", "id", "key", "deployments"} <= set(outputs["endpoints"]["scores"])
    assert set(outputs["endpoints"]["scores"]["deployments"]) == {"main"}
    assert {"id", "version", "uri"} <= set(outputs["models"]["clf"])
    assert {"id", "uri", "version"} <= set(outputs["data"]["points"])
    assert {"id", "image"} <= set(outputs["environments"]["sk"])
    assert {"id", "status", "outputs"} <= set(outputs["jobs"]["train"])
    for version in (outputs["models"]["clf"]["version"], outputs["data"]["points"]["version"]):
        assert re.fullmatch(r"[0-9a-f]{12}", version)


def test_outputs_hide_the_key_unless_asked(served: Any) -> None:
    hidden, shown = served.outputs(), served.outputs("--show-secrets")

    assert hidden["endpoints"]["scores"]["key"] == "[secret]"
    assert len(shown["endpoints"]["scores"]["key"]) >= 16
    shown["endpoints"]["scores"]["key"] = "[secret]"
    assert shown == hidden


def test_logs_hold_what_the_job_printed(served: Any) -> None:
    ran = served.run("logs", "--json")

    assert ran.code == 0, ran
    assert ran.json
    assert "trained on 60 rows" in ran.stdout


def test_a_stack_keeps_its_cloud(served: Any) -> None:
    for command in ("preview", "up"):
        ran = served.run(command, "-s", STACK, "--cloud", "azure", "--yes", "--json")
        assert ran.code == 2, ran
        assert ran.error["category"] == "user"
        assert "local" in ran.error["message"] + ran.error["remedy"]


def test_a_person_reads_an_error_in_three_lines(served: Any) -> None:
    ran = served.run("up", "-s", STACK, "--cloud", "azure", "--yes")

    assert ran.code == 2, ran
    assert len([line for line in ran.stderr.splitlines() if line.strip()]) == 3, ran
