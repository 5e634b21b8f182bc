"""The calls that are no resources, against an endpoint that is really up."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mlstack_local import environments, serving
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.jobs import JobInputs
from mlstack_local.layout import Layout
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.endpoint import Endpoint, EndpointInputs
from mlstack_local.resources.job import Job
from mlstack_local.resources.traffic import Traffic, TrafficInputs
from mlstack_local.runtime import LocalRuntime
from mlstack_local.supervisor import Supervisor

from mlstack import content
from mlstack.errors import TargetError, UsageError
from mlstack.registry import provider
from mlstack.resource import Context, State
from mlstack.runtime import Artifact, ChildRecord, Record, Site

SCORE = """
def init():
    print("init of the script")

def run(data):
    return [sum(row) for row in data]
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def stack(root: Path, cache: Path) -> Iterator[Record]:
    """An endpoint with two deployments, as the state's records tell of it."""
    python = cache / "environments" / "runtime" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (root / "serve").mkdir()
    (root / "serve" / "score.py").write_text(SCORE)
    context = Context(root, "urn", "test")
    code = {"path": "serve", "digest": content.version(root / "serve"), "script": "score.py"}
    made = Endpoint().create(context, EndpointInputs(stack_uid="u1", name="digits"))
    for name in ("blue", "green"):
        given = {
            "stack_uid": "u1",
            "endpoint": "digits",
            "name": name,
            "code": code,
            "environment": "e@runtime",
        }
        inputs = {**given, "runtime": serving.runtime(), "env": {"WHO": name}}
        Deployment().create(context, DeploymentInputs.model_validate(inputs))
    Traffic().create(context, TrafficInputs(stack_uid="u1", endpoint="digits", weights={"blue": 100}))
    deployments = {"blue": {"traffic": 100, "replicas": 1}, "green": {"traffic": 0, "replicas": 1}}
    yield Record("endpoints", "digits", {**made.outputs, "deployments": deployments})
    Supervisor(Layout(root, "u1")).stop_all()


@pytest.fixture
def runtime(root: Path) -> LocalRuntime:
    made = provider("local").runtime(Site("u1", root, None))
    assert isinstance(made, LocalRuntime)
    return made


def test_invoke_asks_with_the_endpoints_own_key(runtime: LocalRuntime, stack: Record) -> None:
    answer = runtime.invoke(stack, b'{"instances": [[1, 2]]}', "application/json", deployment=None)
    assert (answer.status, answer.body) == (200, {"predictions": [3]})
    assert 0 < answer.seconds < 30
    answer = runtime.invoke(stack, b"1,2\n3,4\n", "text/csv", deployment="green")
    assert (answer.status, answer.body) == (200, {"predictions": [3.0, 7.0]})
    tensor = b'{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}'
    answer = runtime.invoke(stack, tensor, "application/json; charset=utf-8", deployment=None)
    assert answer.status == 200
    assert (answer.body["model_name"], answer.body["outputs"][0]["data"]) == ("digits", [3.0])
    assert runtime.invoke(stack, b"not json", "application/json", deployment=None).status == 400
    lost = runtime.invoke(stack, b"{}", "application/json", deployment="red")
    assert (lost.status, lost.body["error"]) == (404, "there is no deployment 'red'; there is: blue, green")


def test_an_endpoint_that_is_not_there_is_a_clear_error(runtime: LocalRuntime, stack: Record) -> None:
    gone = replace(stack, outputs={**stack.outputs, "url": "http://127.0.0.1:9/"})
    with pytest.raises(TargetError, match="endpoint 'digits' does not answer") as error:
        runtime.invoke(gone, b"{}", "application/json", deployment=None)
    assert "mlstack status" in str(error.value.remedy)


def test_status_tells_of_every_worker(runtime: LocalRuntime, stack: Record, root: Path) -> None:
    [found] = runtime.status([stack])
    assert (found.kind, found.name, found.state) == ("endpoint", "digits", "ready")
    assert found.detail == "blue 1/1 ready, green 1/1 ready"
    assert found.url == stack.outputs["url"]
    more = {"blue": {"traffic": 100, "replicas": 2}}
    [found] = runtime.status([replace(stack, outputs={**stack.outputs, "deployments": more})])
    left = "an `up` that failed removes nothing: what still serves is told of"
    assert (found.state, found.detail) == ("degraded", "blue 1/2 ready, green 1/1 ready"), left
    none = {"blue": {"traffic": 0, "replicas": 2}}
    [found] = runtime.status([replace(stack, outputs={**stack.outputs, "deployments": none})])
    assert found.state == "failed"
    [found] = runtime.status([replace(stack, name="other")])
    assert (found.state, found.detail) == ("absent", "its files are gone")
    elsewhere = LocalRuntime(Site("u2", root, None))
    assert elsewhere.status([stack])[0].state == "absent"


def test_status_of_a_gateway_that_hangs(runtime: LocalRuntime, stack: Record, root: Path) -> None:
    supervisor = Supervisor(Layout(root, "u1"))
    pid = supervisor.status()["digits.gateway"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        [found] = runtime.status([stack])
    finally:
        os.kill(pid, signal.SIGCONT)
    assert found.state == "failed"
    assert found.detail.startswith("the gateway does not answer")


def test_status_of_the_other_kinds(runtime: LocalRuntime, root: Path, cache: Path) -> None:
    (root / "rows.csv").write_text("1")
    secrets = Layout(root, "u1").secrets
    secrets.mkdir(parents=True)
    (secrets / "token").write_text("x")
    (cache / "environments" / "runtime" / ".complete").touch()
    assert environments.is_complete("runtime")
    records = [
        Record("data", "rows", {"id": "rows@1", "uri": "rows.csv", "version": "1"}),
        Record("models", "gone", {"id": "gone@2", "uri": "nowhere", "version": "2"}),
        Record("environments", "e", {"id": "e@runtime", "image": None}),
        Record("environments", "lost", {"id": "lost@0", "image": None}),
        Record("secrets", "token", {"id": "token@h"}),
        Record("secrets", "lost", {"id": "lost@h"}),
        Record("compute", "pool", {"id": "pool", "instance": "this machine"}),
        Record("jobs", "train", {"id": "train@nothing", "status": "ready"}),
    ]
    found = [(status.kind, status.state, status.detail) for status in runtime.status(records)]
    assert found == [
        ("data", "ready", "1"),
        ("model", "absent", "nowhere is gone"),
        ("environment", "ready", "runtime"),
        ("environment", "absent", "0 is gone"),
        ("secret", "ready", ""),
        ("secret", "absent", "its file is gone"),
        ("compute", "ready", "this machine"),
        ("job", "absent", "its files are gone"),
    ]


def test_logs_of_an_endpoint_and_of_one_deployment(runtime: LocalRuntime, stack: Record) -> None:
    blue = list(runtime.logs(stack, child="blue", follow=False, tail=None))
    assert "init of the script" in blue
    everything = list(runtime.logs(stack, child=None, follow=False, tail=None))
    assert "blue.0: init of the script" in everything
    assert "green.0: init of the script" in everything
    assert len(list(runtime.logs(stack, child="blue", follow=False, tail=1))) == 1
    with pytest.raises(UsageError) as error:
        runtime.logs(stack, child="blu", follow=False, tail=None)
    assert error.value.remedy == "did you mean 'blue'?"
    with pytest.raises(UsageError, match="writes no log"):
        runtime.logs(Record("data", "rows", {}), child=None, follow=False, tail=None)


def test_logs_are_followed(runtime: LocalRuntime, stack: Record, root: Path) -> None:
    lines: list[str] = []

    def follow() -> None:
        for line in runtime.logs(stack, child="green", follow=True, tail=0):
            lines.append(line)
            return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    time.sleep(0.5)
    [name] = Supervisor(Layout(root, "u1")).programs("digits.green.")
    with Supervisor(Layout(root, "u1")).log(name).open("a") as log:
        log.write("one more line\n")
    thread.join(120)
    assert lines == ["one more line"]


def test_the_requests_to_an_endpoint_and_to_one_deployment(runtime: LocalRuntime, stack: Record) -> None:
    body = b'{"instances": [[1]]}'
    for name in ("blue", "green", "green"):
        assert runtime.invoke(stack, body, "application/json", deployment=name).status == 200
    deadline = time.monotonic() + 120
    last: list[str] = []
    while last != ["blue", "green", "green"]:
        assert time.monotonic() < deadline, last
        found = list(runtime.logs(stack, child=None, follow=False, tail=None, access=True))
        last = [json.loads(line)["deployment"] for line in found[-3:]]
    assert list(runtime.logs(stack, child=None, follow=False, tail=1, access=True)) == found[-1:]
    blue = list(runtime.logs(stack, child="blue", follow=False, tail=None, access=True))
    assert blue
    assert {json.loads(line)["deployment"] for line in blue} == {"blue"}
    followed = runtime.logs(stack, child="green", follow=True, tail=1, access=True)
    assert next(followed) == found[-1]
    runtime.invoke(stack, body, "application/json", deployment="green")
    assert json.loads(next(followed))["status"] == 200
    with pytest.raises(UsageError, match="no deployment 'blu'"):
        runtime.logs(stack, child="blu", follow=False, tail=None, access=True)
    with pytest.raises(UsageError, match="is asked by nobody"):
        runtime.logs(Record("jobs", "train", {}), child=None, follow=False, tail=None, access=True)


def test_a_job_is_run_beside_read_and_cancelled(runtime: LocalRuntime, root: Path) -> None:
    context = Context(root, "urn", "test")
    command = "echo c is ${{inputs.c}}; sleep ${{inputs.s}}"
    given = {"stack_uid": "u1", "name": "talk", "command": command, "environment": ""}
    inputs = JobInputs.model_validate({**given, "inputs": {"c": {"value": "1"}, "s": {"value": "0"}}})
    state: State = Job().create(context, inputs)
    child = ChildRecord("urn", "mlstack:local:Job", "talk", state.id, state.inputs, state.outputs)
    record = Record("jobs", "talk", {"id": f"talk@{state.outputs['fingerprint']}"}, (child,))
    [found] = runtime.status([record])
    assert (found.kind, found.state) == ("job", "ready")
    ran = runtime.run(record, {"c": 2}, lambda line: None, artifact=nothing)
    assert ran.status == "succeeded"
    assert "c is 2" in list(runtime.logs(record, child=None, follow=False, tail=None))
    with pytest.raises(UsageError, match="no run of job 'talk' is going"):
        runtime.cancel(record)
    with pytest.raises(UsageError, match="not in the stack's state yet"):
        runtime.run(Record("jobs", "talk", {}), {}, lambda line: None, artifact=nothing)


def nothing(reference: str) -> Artifact:
    raise AssertionError(reference)


def test_doctor_finds_this_machine_well(runtime: LocalRuntime) -> None:
    checks = {what: (well, detail) for what, well, detail in runtime.check()}
    assert {what: well for what, (well, _) in checks.items()} == {
        "uv": True,
        "python": True,
        "disk": True,
        "runtime folder": True,
        "ports": True,
    }
    assert checks["uv"][1].startswith("uv ")


def test_doctor_names_what_is_missing(
    runtime: LocalRuntime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    checks = {what: (well, detail) for what, well, detail in runtime.check()}
    assert checks["runtime folder"][0] is False
    assert "shorter" in checks["runtime folder"][1]
