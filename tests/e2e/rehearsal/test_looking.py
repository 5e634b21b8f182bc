"""The commands that only look, or run something beside the stack, on a rehearsed stack."""

from __future__ import annotations

import json

import pytest

from tests.e2e.project import mlstack
from tests.e2e.rehearsal.clouds import known
from tests.e2e.rehearsal.stage import Stage, changes

pytestmark = [pytest.mark.engine, pytest.mark.drawn(of=5, by="digits"), pytest.mark.timeout(900)]

STATES = {"absent", "pending", "creating", "running", "ready", "degraded", "failed", "stopped", "deleted"}
OPS = {"same", "create", "update", "replace", "delete", "read", "import", "refresh"}


def test_preview_has_the_shape_that_is_documented(digits: Stage) -> None:
    seen = digits("preview", "--set", "endpoints.digits.deployments.main.replicas=2")
    assert {"stack", "cloud", "summary", "resources", "cost", "warnings", "outputs"} == set(seen)
    assert (seen["stack"], seen["cloud"]) == (f"dev-{digits.cloud}", digits.cloud)
    assert set(seen["summary"]) == {"create", "update", "replace", "delete", "same"}
    assert seen["summary"]["update"], "there is something to see"
    for each in seen["resources"]:
        assert set(each) == {"urn", "type", "name", "kind", "op", "diff", "inputs"}
        assert each["op"] in OPS
        for one in each["diff"]:
            assert set(one) == {"path", "kind", "replace"}
            assert one["kind"] in ("add", "update", "delete")
            assert isinstance(one["replace"], bool)
    for warning in seen["warnings"]:
        assert set(warning) == {"code", "resource", "field", "message"}


def test_outputs_are_nested_and_keep_the_key(digits: Stage) -> None:
    found = digits("outputs")
    endpoint = found["endpoints"]["digits"]
    assert endpoint["url"].startswith("https://")
    assert endpoint["deployments"]["main"]["traffic"] == 100
    assert found["models"]["digits"]["version"] == found["jobs"]["train"]["outputs"]["model"]["version"]
    if not known(digits.cloud).KEYED:
        assert endpoint["key"] is None
        return
    assert endpoint["key"] == "[secret]"
    shown = digits("outputs", "--show-secrets")["endpoints"]["digits"]["key"]
    assert len(shown) > 16
    assert shown not in digits.text("outputs")


def test_status_tells_of_every_resource(digits: Stage) -> None:
    found = digits("status")
    assert set(found) == {"stack", "cloud", "resources"}
    states = {f"{each['kind']} {each['name']}": each["state"] for each in found["resources"]}
    assert states == {
        "workspace default": "ready",
        "environment sk": "ready",
        "data digits": "ready",
        "job train": "ready",
        "model digits": "ready",
        "endpoint digits": "ready",
    }
    assert set(states.values()) <= STATES
    assert all(set(each) == {"kind", "name", "state", "detail", "url"} for each in found["resources"])


def test_a_rehearsed_stack_is_no_real_one(digits: Stage) -> None:
    """Nothing of it is where a real one of that name would be."""
    real = mlstack(digits.root, "status", "--json", *digits.options)
    assert real.returncode == 0, real.stderr
    assert {each["state"] for each in json.loads(real.stdout)["resources"]} == {"absent"}
    assert not (digits.root / f"Pulumi.dev-{digits.cloud}.yaml").exists()
    assert not (digits.root / ".mlstack" / "state").exists()


def test_logs_say_that_nothing_ran(digits: Stage) -> None:
    assert "rehears" in digits.text("logs", "train")
    assert "rehears" in digits.text("logs", "digits")


def test_an_answer_is_no_prediction(digits: Stage) -> None:
    """What is played says so: a number made up would be taken for the model's."""
    (digits.root / "in.json").write_text(json.dumps({"instances": [[0.0] * 64]}), encoding="utf-8")
    answer = digits("invoke", "digits", "--data", "in.json")
    played = answer.get("predictions", [answer])  # Google's are one for each instance
    assert [each["rehearsal"] for each in played] == [True]
    assert played[0]["input"] in ({"instances": [[0.0] * 64]}, [0.0] * 64)
    percentiles = digits("invoke", "digits", "--data", "in.json", "--repeat", "4", "--concurrency", "2")
    assert percentiles["requests"] == 4
    assert percentiles["failed"] == 0
    assert set(percentiles) >= {"p50", "p95", "p99"}


def test_a_run_beside_the_stack_changes_nothing_of_it(digits: Stage) -> None:
    ran = digits("run", "train", "--input", "c=10")
    assert ran["status"] == "succeeded"
    assert ran["id"] in digits.text("runs", "train", "--json")
    listed = {each["id"]: each for each in digits("runs", "train")["runs"]}
    assert listed[ran["id"]]["own"] is False
    assert listed[ran["id"]]["inputs"]["c"] == "10"
    assert [each["own"] for each in listed.values()].count(True) == 1
    assert changes(digits("preview")) == {}


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (("invoke", "digit", "--data", "in.json"), 2, "digits"),
        (("logs", "trian"), 2, "train"),
        (("run", "trian"), 2, "train"),
        (("rehearsal", "show", "deployments/mian-*"), 2, "rehearsal show"),
        (("up", "--yes", "--set", "jobs.train.compute=nowhere"), 3, "nowhere"),
    ],
)
def test_a_refusal_names_what_where_and_the_remedy(
    digits: Stage, command: tuple[str, ...], code: int, says: str
) -> None:
    answer = digits(*command, code=code)
    if "errors" in answer:
        (error,) = answer["errors"]
        assert set(error) == {"code", "file", "line", "column", "path", "message", "remedy"}
    else:
        error = answer["error"]
        assert set(error) == {"code", "category", "message", "where", "remedy"}
        assert error["category"] == "user"
    assert says in f"{error['message']} {error['remedy']}"
