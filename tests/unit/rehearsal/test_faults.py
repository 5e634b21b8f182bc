"""Faults at both doors, counted so that a rerun goes on where the run before stopped."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from mlstack.errors import UsageError
from mlstack.plugin import wire
from mlstack.rehearsal.faults import load
from tests.e2e.rehearsal.tiny import ENDPOINT

pytest.importorskip("pulumi_azure_native")

Doors = Any
QUICK = {"latency": "1ms"}


def create(doors: Doors, name: str = "digits") -> str:
    """What a create comes to: "" or the words of its failure."""
    inputs = {"resourceGroupName": "rg", "endpointName": name, "properties": {"authMode": "Key"}}
    urn = f"urn:pulumi:dev::project::{ENDPOINT}::{name}"
    try:
        doors.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=wire.encode(inputs)))
    except grpc.RpcError as error:
        return str(error.details())
    return ""


def put(doors: Doors, path: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(doors.url + path, b'{"a": 1}', method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("429", "Status=429 "),
        ("5xx", "Status=503 "),
        ("500", "Status=500 "),
        ("quota", "QuotaExceeded"),
        ("capacity", "OutOfCapacity"),
        ("timeout", "deadline exceeded"),
    ],
)
def test_what_fails_makes_nothing_and_goes_well_the_next_time(
    open_doors: Callable[..., Doors], kind: str, says: str
) -> None:
    doors = open_doors(faults=[{"kind": kind, **QUICK}])
    assert says in create(doors)
    assert list(doors.tiny.world.under()) == []
    assert create(doors) == ""


def test_a_lost_answer_comes_after_the_work(open_doors: Callable[..., Doors]) -> None:
    doors = open_doors(faults=[{"kind": "lost"}])
    assert "connection reset" in create(doors)
    assert len(list(doors.tiny.world.under())) == 1


def test_what_is_slow_is_done(open_doors: Callable[..., Doors]) -> None:
    assert create(open_doors(faults=[{"kind": "slow", **QUICK}])) == ""


def test_a_rule_is_about_some_calls_and_counts_them_over_restarts(open_doors: Callable[..., Doors]) -> None:
    rule = {"kind": 429, "type": "*:OnlineEndpoint", "name": "dig*", "times": 2, "after": 1}
    first = open_doors(faults=[rule])
    assert (create(first, "other"), create(first, "dig1")) == ("", "")
    assert "429" in create(first, "dig2")
    second = open_doors(faults=[rule])
    assert "429" in create(second, "dig3")
    assert create(second, "dig4") == ""


def test_over_http_a_fault_is_a_status_with_a_time_to_wait(open_doors: Callable[..., Doors]) -> None:
    doors = open_doors(faults=[{"kind": "429", "path": "/a/*", "operation": "create"}])
    assert put(doors, "/b/c")[0] == 200
    status, headers, body = put(doors, "/a/c")
    assert (status, headers["Retry-After"]) == (429, "1")
    assert json.loads(body)["error"]["code"] == "TooManyRequests"
    assert put(doors, "/a/c")[0] == 200


def test_over_http_a_lost_answer_is_a_connection_that_closes(open_doors: Callable[..., Doors]) -> None:
    doors = open_doors(faults=[{"kind": "lost", "door": "http"}])
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError)):
        put(doors, "/a/c")
    assert doors.tiny.world.get("/a/c") == {"inputs": {"a": 1}}


def test_a_bug_behind_the_http_door_is_an_answer_and_a_log(doors: Doors) -> None:
    status, _, body = put(doors, "/broken")
    assert status == 500
    assert "plugin.log" in json.loads(body)["error"]["message"]
    assert "KeyError" in (doors.root / ".mlstack/log/plugin.log").read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("faults: [{kind: 430}]", "faults.0.kind"),
        ("faults: [{kind: slow, tims: 2}]", "faults.0.tims"),
        ("latency: fast", "latency"),
        ("faults: [", "no YAML"),
    ],
)
def test_a_file_that_is_not_right_is_told(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=says.replace(".", r"\.")):
        load(file)
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "nowhere.yaml")


def test_a_file_that_is_right(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("latency: 20ms\nfaults: [{kind: 429, times: always, operation: [create, read]}]\n")
    plan = load(file)
    assert (plan.latency, plan.faults[0].kind) == (0.02, "429")
    assert plan.faults[0].operation == ("create", "read")
    file.write_text("")
    assert load(file).faults == []
