"""Workers that are asked how they are, and what comes of their answers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.supervisor import client

Until = Callable[..., None]

#: Ready while a file named after its port is not there; answers with its port.
SERVER = """
import http.server, os, pathlib, sys

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(503 if pathlib.Path(os.environ["PORT"]).exists() else 200, b"")

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.reply(200, os.environ["PORT"].encode())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def probed(world: Any) -> dict[str, Any]:
    """Two workers that are asked often, and have time to answer."""
    (world.context.root / "server.py").write_text(SERVER)
    # an answer is waited for as long as a busy machine may take: who is not ready says so at once
    asked = {"period_seconds": 0.3, "timeout_seconds": 20, "failures": 2}
    return {
        "code": None,
        "environment": None,
        "runtime": None,
        "server": {"command": ["python3", "server.py"]},
        "replicas": 2,
        "controlled": True,
        "probe": {"path": "/ready", **asked},
        "live": {"path": "/alive", **asked},
    }


def listed(world: Any) -> set[int]:
    config = configs.read(world.layout.endpoint("digits"))
    assert config
    assert admin.confirmed(config, 20)
    return set(config.deployments["blue"].workers)


def test_a_worker_that_is_not_ready_leaves_the_rotation_and_comes_back(
    world: Any, probed: dict[str, Any], until: Until
) -> None:
    probed["live"] = None
    endpoint, deployment, _ = world.whole(**probed)
    one, other = (worker["port"] for worker in deployment.outputs["workers"])
    mark = world.context.root / str(one)
    with world.steady(endpoint, 20) as load:
        mark.touch()
        until(lambda: listed(world) == {other})
        before = load.bodies.copy()
        load.wait(20)
        assert load.bodies[str(one).encode()] <= before[str(one).encode()] + 1
        mark.unlink()
        until(lambda: listed(world) == {one, other})
        load.wait(20)
    assert load.failed == {}
    assert set(load.bodies) == {str(one).encode(), str(other).encode()}


def test_when_none_is_ready_it_says_so(world: Any, probed: dict[str, Any], until: Until) -> None:
    probed["live"] = None
    endpoint, deployment, _ = world.whole(**probed)
    for worker in deployment.outputs["workers"]:
        (world.context.root / str(worker["port"])).touch()
    until(lambda: not listed(world))
    answer = world.ask(endpoint)
    assert (answer.status_code, answer.json()["error"]) == (503, "no worker of this deployment is ready")
    for worker in deployment.outputs["workers"]:
        (world.context.root / str(worker["port"])).unlink()
    until(lambda: len(listed(world)) == 2)
    assert world.ask(endpoint).status_code == 200


def test_a_worker_that_hangs_is_started_anew(world: Any, probed: dict[str, Any], until: Until) -> None:
    # four times in a row nothing for two seconds: no worker that runs is as slow as that
    probed["live"] |= {"timeout_seconds": 2, "failures": 4}
    endpoint, _, _ = world.whole(**probed)
    before = world.pids("digits.blue.")
    hung = sorted(before)[0]
    os.kill(before[hung], signal.SIGSTOP)
    until(lambda: world.pids("digits.blue.").get(hung) not in (before[hung], 0))
    until(lambda: len(listed(world)) == 2)
    after = world.pids("digits.blue.")
    assert {name for name in after if after[name] != before[name]} == {hung}
    assert (
        f"{hung} does not answer on /alive: started anew"
        in world.supervisor.log("digits.controller").read_text()
    )
    assert [world.ask(endpoint).status_code for _ in range(4)] == [200] * 4


def test_a_worker_that_was_declared_and_never_started_is_started(
    world: Any, probed: dict[str, Any], until: Until
) -> None:
    """What is left when who adds a worker is killed in between."""
    world.whole(**probed)
    name = sorted(world.pids("digits.blue."))[0]
    supervisord = client.connect(world.layout.socket)
    supervisord.stopProcessGroup(name)
    supervisord.removeProcessGroup(name)
    until(lambda: name in world.pids() and len(listed(world)) == 2)


def test_replicas_of_one_that_is_looked_after_come_and_go(world: Any, probed: dict[str, Any]) -> None:
    endpoint, deployment, _ = world.whole(**{**probed, "replicas": 1})
    with world.steady(endpoint, 20) as load:
        load.wait(10)
        three = world.update(deployment, **{**probed, "replicas": 3})
        assert len(listed(world)) == 3
        load.wait(10)
        one = world.update(three, **{**probed, "replicas": 1})
        load.wait(10)
    assert load.failed == {}
    assert one.outputs == deployment.outputs
