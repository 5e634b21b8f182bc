"""What a program asked of clouds and got no answer to: noted before it is asked, without any secret."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

from mlstack.engine.asked import Asked
from mlstack.plugin import wire

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"
ABOVE = "urn:pulumi:dev::digits::mlstack:index:Endpoint::main"
URN = f"urn:pulumi:dev::digits::mlstack:index:Endpoint${ENDPOINT}::main"


class Monitor:
    """The engine's end of the wire: answers, reports a failure, or is gone."""

    def __init__(self, answer: int | Exception) -> None:
        self.answer = answer

    def RegisterResource(self, request: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return resource_pb2.RegisterResourceResponse(urn=URN, result=self.answer)  # type: ignore[arg-type]


def request(**fields: Any) -> Any:
    properties = wire.encode_marked(
        {"endpointName": "main", "keys": {"first": "hush", "rank": 7}}, lambda path, _: path == ("keys",)
    )
    usual = {"type": ENDPOINT, "name": "main", "parent": ABOVE, "custom": True, "version": "3.29.0"}
    return resource_pb2.RegisterResourceRequest(object=properties, **{**usual, **fields})


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(tmp_path / "asked" / "dev.jsonl")


def run(
    asked: Asked, monitor: Monitor, monkeypatch: pytest.MonkeyPatch, *requests: Any, dry: bool = False
) -> None:
    monkeypatch.setattr(settings, "get_monitor", lambda: monitor)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: dry)

    def program() -> None:
        for each in requests:
            monitor.RegisterResource(each)

    asked.noting(program, "dev", "digits")()


def test_what_was_answered_is_not_kept(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    run(asked, Monitor(resource_pb2.SUCCESS), monkeypatch, request())
    assert asked.unanswered() == []


@pytest.mark.parametrize("answer", [resource_pb2.FAIL, ConnectionResetError("the engine is gone")])
def test_what_was_not_is_kept_as_a_state_would_hold_it(
    asked: Asked, answer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = {"endpointName": resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=[ABOVE])}
    fields = {"dependencies": [ABOVE], "propertyDependencies": needs, "protect": True}
    refused = pytest.raises(type(answer)) if isinstance(answer, Exception) else nullcontext()
    with refused:
        run(asked, Monitor(answer), monkeypatch, request(**fields))
    (kept,) = asked.unanswered()
    assert kept["urn"] == URN
    assert kept["provider"] == "pulumi:providers:azure-native::default_3_29_0"
    assert kept["dependencies"] == [ABOVE]
    assert kept["propertyDependencies"] == {"endpointName": [ABOVE]}
    assert kept["protect"] is True
    assert kept["inputs"]["endpointName"] == "main"
    secret = kept["inputs"]["keys"]
    assert secret[wire.SIGNATURE] == wire.SECRET, "it is marked, so that it stays a secret"
    assert json.loads(secret["plaintext"]) == {"first": "[secret]", "rank": 0}
    text = (tmp_path / "asked" / "dev.jsonl").read_text()
    assert "hush" not in text
    asked.forget()
    assert asked.unanswered() == []


def test_components_providers_and_previews_ask_nothing(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = (request(custom=False), request(type="pulumi:providers:azure-native"))
    run(asked, Monitor(resource_pb2.FAIL), monkeypatch, *requests)
    run(asked, Monitor(resource_pb2.FAIL), monkeypatch, request(), dry=True)
    assert asked.unanswered() == []


def test_a_line_that_the_writer_did_not_end_had_not_been_asked(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(asked, Monitor(resource_pb2.FAIL), monkeypatch, request())
    with (tmp_path / "asked" / "dev.jsonl").open("a") as file:
        file.write('{"asked": {"urn": "urn:pul')
    assert [each["urn"] for each in asked.unanswered()] == [URN]


def test_the_urn_is_the_engine_s(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    root = "urn:pulumi:dev::digits::pulumi:pulumi:Stack::digits-dev"
    for parent in (root, ""):
        run(asked, Monitor(resource_pb2.FAIL), monkeypatch, request(parent=parent))
    assert {each["urn"] for each in asked.unanswered()} == {f"urn:pulumi:dev::digits::{ENDPOINT}::main"}
