"""``mlstack:local:Endpoint`` and ``Traffic``: the gateway's life, its key and its port."""

from __future__ import annotations

import os
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import requests
from mlstack_local import ports
from mlstack_local.captures import read
from mlstack_local.gateway import config as configs
from mlstack_local.resources.deployment import Deployment
from mlstack_local.resources.endpoint import Endpoint, EndpointInputs
from mlstack_local.resources.traffic import CapturePart, Traffic, TrafficInputs
from mlstack_local.supervisor.orphans import SUPERVISORD, noted

from mlstack.resource import ResourceFailed, State

Until = Callable[..., None]


def test_it_answers_keeps_its_key_to_itself_and_leaves_nothing(world: Any) -> None:
    made = world.endpoint()
    assert made.id == f"{world.uid}/endpoint/digits"
    assert made.outputs["url"] == f"http://127.0.0.1:{made.outputs['port']}/"
    assert len(made.outputs["key"]) >= 43
    assert "key" in Endpoint.secret_outputs
    answer = world.ask(made)
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": "no deployment of this endpoint has traffic"},
    )
    folder = world.layout.endpoint("digits")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    holders = [
        f for f in world.layout.home.rglob("*") if f.is_file() and made.outputs["key"] in f.read_text()
    ]
    assert holders == [folder / "key"]
    assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
    pids = world.pids()
    Endpoint().delete(world.context, made)
    assert not world.layout.home.exists()
    assert not world.layout.socket.exists()
    assert not any(
        psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids.values()
    )
    with pytest.raises(requests.ConnectionError):
        world.ask(made)
    Endpoint().delete(world.context, made)


def test_created_again_it_is_the_same(world: Any) -> None:
    """A create that was killed after the gateway was up is met by the next one."""
    made, pids = world.endpoint(), world.pids()
    again = world.endpoint()
    assert (again.outputs, world.pids()) == (made.outputs, pids)
    found = Endpoint().find(world.context, {"stack_uid": world.uid, "name": "digits", "auth": "key"})
    assert found
    assert (found.id, found.outputs) == (made.id, made.outputs)
    imported = Endpoint().read(world.context, State(made.id, {}, {}))
    assert imported
    assert imported.outputs == made.outputs
    assert imported.inputs == {"stack_uid": world.uid, "name": "digits", "auth": "key", "running": True}


def test_what_a_killed_create_left_is_found_even_without_a_gateway(world: Any) -> None:
    inputs = {"stack_uid": world.uid, "name": "digits"}
    assert Endpoint().find(world.context, inputs) is None
    folder = world.layout.endpoint("digits")
    folder.mkdir(parents=True)
    (folder / "key").write_text("kept")
    found = Endpoint().find(world.context, inputs)
    assert found
    assert found.outputs == {"url": None, "port": None, "key": "kept"}
    assert world.endpoint().outputs["key"] == "kept"


def test_an_update_keeps_the_key_of_the_state_and_moves_the_port(world: Any) -> None:
    made = world.endpoint()
    (world.layout.endpoint("digits") / "key").unlink()
    assert Endpoint().read(world.context, made) is None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outputs = Endpoint().update(
        world.context, made, EndpointInputs(stack_uid=world.uid, name="digits", port=port)
    )
    assert outputs["key"] == made.outputs["key"]
    assert outputs["url"] == f"http://127.0.0.1:{port}/"
    assert world.ask(State(made.id, {}, outputs)).status_code == 503
    with pytest.raises(requests.ConnectionError):
        world.ask(made)


def test_a_busy_port_names_who_holds_it(world: Any) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ResourceFailed, match=rf"port {port} .* is held by process {os.getpid()} \("):
            world.endpoint(port=port)
    assert world.endpoint(port=port).outputs["port"] == port


def test_a_port_that_was_taken_while_it_was_down_is_given_up(world: Any) -> None:
    made = world.endpoint()
    world.supervisor.stop_all()
    seen = Endpoint().read(world.context, made)
    assert seen
    assert seen.inputs["running"] is False
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", made.outputs["port"]))
        other.listen()
        moved = world.endpoint()
    assert moved.outputs["port"] != made.outputs["port"]
    assert world.ask(moved).status_code == 503


def test_a_port_that_another_takes_first_is_given_up(world: Any) -> None:
    """Two stacks may choose the same free port; one of them is the first to listen."""
    port = ports.free(f"{world.uid}/digits")
    declared = world.layout.supervisor / "conf.d" / "digits.gateway.json"
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))  # free for who asks until somebody listens
        over = threading.Event()

        def take() -> None:
            while not declared.exists() and not over.is_set():
                time.sleep(0.001)
            other.listen()

        taker = threading.Thread(target=take)
        taker.start()
        try:
            made = world.endpoint()
        finally:
            over.set()
            taker.join()
    assert made.outputs["port"] != port
    assert world.ask(made).status_code == 503
    assert list(world.pids()) == ["digits.gateway"]


def test_a_killed_gateway_is_back_by_itself(world: Any, until: Until) -> None:
    made = world.endpoint()
    pid = world.pids()["digits.gateway"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: world.pids()["digits.gateway"] not in (0, pid))

    def answers() -> bool:
        try:
            return bool(world.ask(made).status_code == 503)
        except requests.ConnectionError:
            return False

    until(answers)


def test_a_killed_supervisord_shows_and_is_repaired_with_port_and_key(world: Any) -> None:
    made, before = world.endpoint(), world.pids()
    supervisord = noted(world.layout.supervisor / "run" / SUPERVISORD)
    assert supervisord
    supervisord.kill()
    until_gone = [supervisord, *(psutil.Process(pid) for pid in before.values())]
    while supervisord.is_running() and supervisord.status() != "zombie":
        pass
    seen = Endpoint().read(world.context, made)
    assert seen
    assert seen.inputs["running"] is False
    assert world.endpoint().outputs == made.outputs
    assert not any(p.is_running() and p.status() != "zombie" for p in until_gone)


def test_previews_tell_what_is_certain() -> None:
    inputs = {"stack_uid": "u1", "name": "digits", "auth": "key", "running": True}
    outputs = {"url": "http://127.0.0.1:20001/", "port": 20001, "key": "k"}
    resource = Endpoint()
    old = State("u1/endpoint/digits", inputs, outputs)
    assert resource.preview(None, inputs, None) == {}  # type: ignore[arg-type]
    assert resource.preview(None, inputs, old) == outputs  # type: ignore[arg-type]
    assert resource.preview(None, {**inputs, "port": 1}, old) == {}  # type: ignore[arg-type]
    down = State(old.id, {**inputs, "running": False}, outputs)
    assert resource.preview(None, inputs, down) == {}  # type: ignore[arg-type]


def test_traffic_is_set_read_and_taken_away(world: Any) -> None:
    world.endpoint()
    made = world.traffic(blue=90, green=10)
    folder = world.layout.endpoint("digits")
    read = configs.read(folder)
    assert read
    assert read.weights == {"blue": 90, "green": 10}
    resource = Traffic()
    seen = resource.read(world.context, made)
    assert seen
    assert seen.inputs["weights"] == {"blue": 90, "green": 10}
    number = read.number
    world.traffic(blue=90, green=10)
    same = configs.read(folder)
    assert same
    assert same.number == number, "nothing to change, so nothing was written"
    assert resource.find(world.context, made.inputs) is not None
    resource.delete(world.context, made)
    gone = configs.read(folder)
    assert gone
    assert gone.weights == {}
    assert resource.find(world.context, made.inputs) is None


def test_captures_stay_until_the_endpoint_goes(world: Any, until: Until) -> None:
    made, _, _ = world.whole()
    captures = {"blue": CapturePart(sample=1, keep_seconds=3600)}
    inputs = TrafficInputs(stack_uid=world.uid, endpoint="digits", weights={"blue": 100}, captures=captures)
    kept = Traffic().create(world.context, inputs)
    assert world.ask(made, **{"x-request-id": "mine"}).status_code == 200
    seen = Traffic().read(world.context, kept)
    assert seen
    wanted = {"sample": 1, "rotate_seconds": 3600, "keep_seconds": 3600}
    assert seen.inputs["captures"] == {"blue": wanted} == kept.inputs["captures"]
    folder = world.layout.captures("digits", "blue")
    until(lambda: read(folder).num_rows == 1)
    assert read(folder)["request_id"].to_pylist() == ["mine"]
    Traffic().delete(world.context, kept)
    Deployment().delete(world.context, State(f"{world.uid}/deployment/digits/blue", {}, {}))
    assert read(folder).num_rows == 1
    Endpoint().delete(world.context, made)
    assert not world.layout.home.exists()


def test_traffic_of_an_endpoint_that_is_gone(world: Any) -> None:
    made = State(f"{world.uid}/traffic/digits", {}, {})
    assert Traffic().read(world.context, made) is None
    Traffic().delete(world.context, made)
    with pytest.raises(ResourceFailed, match="does not answer"):
        world.traffic(blue=100)


def test_a_gateway_of_another_version_takes_over_without_a_failed_request(world: Any, until: Until) -> None:
    made = world.endpoint(gateway="1")
    before = world.pids()
    codes: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            codes.append(world.ask(made).status_code)

    callers = [threading.Thread(target=ask) for _ in range(3)]
    for caller in callers:
        caller.start()
    try:
        for version in ("2", "3"):
            inputs = EndpointInputs(stack_uid=world.uid, name="digits", gateway=version)
            assert Endpoint().update(world.context, made, inputs) == made.outputs
            [name] = world.pids()
            assert name == {"2": "digits.gateway-b", "3": "digits.gateway"}[version]
    finally:
        done.set()
        for caller in callers:
            caller.join()
    assert set(codes) == {503}
    assert codes
    assert set(before.values()) & set(world.pids().values()) == set()
    seen = Endpoint().read(world.context, made)
    assert seen
    assert seen.inputs["running"] is True
    Endpoint().delete(world.context, made)
    assert not world.layout.home.exists()
