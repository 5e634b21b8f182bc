"""Requests that wait: for a worker of a deployment that sleeps, and for one that takes another's place."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import requests
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.routing import Router

Make = Callable[..., Any]


def asleep(timeout: float) -> configs.Backend:
    return configs.Backend("g", (), timeout, scaled=True)


def test_requests_of_a_deployment_that_sleeps_are_answered_once_it_is_awake(
    gateway: Any, backends: Make
) -> None:
    gateway.set({"blue": 100}, blue=asleep(30))
    assert requests.get(gateway.url("/v2/health/ready"), timeout=120).status_code == 200
    with ThreadPoolExecutor(20) as callers:
        waiting = [callers.submit(gateway.ask, data=b"x") for _ in range(20)]
        time.sleep(0.5)
        assert not any(future.done() for future in waiting)
        blue = backends("blue")
        gateway.set({"blue": 100}, blue=replace(asleep(30), workers=(blue.port,)))
        answers = [future.result() for future in waiting]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["x-mlstack-deployment"] for answer in answers} == {"blue"}


def test_what_waited_for_a_worker_is_not_turned_away_by_it(gateway: Any, backends: Make) -> None:
    """As after the death of an only worker: the new one takes two at a time, and twenty have waited."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gateway.set({"blue": 100}, blue=configs.Backend("g", (port,), 30))
    free = threading.Semaphore(2)

    def turn_away(handler: Any) -> bool:
        if not free.acquire(blocking=False):
            handler.answer(429, {"error": "busy"})
            return True
        time.sleep(0.05)
        free.release()
        return False

    with ThreadPoolExecutor(20) as callers:
        waiting = [callers.submit(gateway.ask, data=b"x") for _ in range(20)]
        time.sleep(0.3)
        blue = backends("blue", port)
        blue.behave = turn_away
        statuses = {future.result().status_code for future in waiting}
    assert statuses == {200}
    assert len(blue.seen) > 20, "none was turned away, so none was sent again"


def test_one_that_is_busy_says_so_at_once(gateway: Any, backends: Make) -> None:
    green = backends("green")
    green.behave = lambda handler: handler.answer(429, {"error": "busy"}) is None
    gateway.set({"green": 100}, green=configs.Backend("g", (green.port,), 30))
    assert gateway.ask(data=b"x").status_code == 429
    assert len(green.seen) == 1


def test_one_that_does_not_wake_in_time_is_a_503(gateway: Any) -> None:
    gateway.set({"blue": 100}, blue=asleep(0.5))
    answer = gateway.ask()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json() == {"error": "no worker of this deployment was up within 0.5 s"}
    assert answer.headers["x-mlstack-deployment"] == "blue"


def test_a_request_that_is_held_goes_elsewhere_when_its_deployment_goes(gateway: Any, backends: Make) -> None:
    gateway.set({"blue": 100}, blue=asleep(30))
    with ThreadPoolExecutor(2) as callers:
        any_will_do = callers.submit(gateway.ask)
        this_one = callers.submit(gateway.ask, headers={"x-mlstack-deployment": "blue"})
        time.sleep(0.3)
        green = configs.Backend("g", (backends("green").port,), 20)
        gateway.set({"green": 100}, green=green)
        assert any_will_do.result().json()["server"] == "green"
        assert this_one.result().status_code == 503


def test_a_body_that_is_read_while_its_deployment_goes_is_answered_by_another(
    gateway: Any, backends: Make
) -> None:
    blue, green = (configs.Backend("g", (backends(name).port,), 20) for name in ("blue", "green"))
    gateway.set({"blue": 100}, blue=blue, green=green)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=120) as caller:
        caller.sendall(
            b"POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer the-key\r\ncontent-length: 4\r\n\r\nab"
        )
        time.sleep(0.3)
        gateway.set({"green": 100}, green=green)
        caller.sendall(b"cd")
        head = caller.recv(65536)
    assert head.startswith(b"HTTP/1.1 200")
    assert b"x-mlstack-deployment: green" in head


def test_a_worker_tells_on_its_own_path_whether_it_is_ready(gateway: Any, backends: Make) -> None:
    blue = backends("blue")
    gateway.set({"blue": 100}, blue=configs.Backend("g", (blue.port,), 20, health="/healthz"))
    assert requests.get(gateway.url("/v2/health/ready"), timeout=120).status_code == 200
    assert blue.seen == ["/healthz"]


def test_the_split_goes_on_over_changes_that_leave_the_weights() -> None:
    backends = {name: configs.Backend("g", (1,), 60) for name in ("blue", "green")}
    config = configs.Config("e", 1, "", "", deployments=backends, weights={"blue": 90, "green": 10})
    router, names = Router(config), []
    for _ in range(50):
        names += [route.name for _ in range(2) if (route := router.choose())]
        router = Router(config, router)
    assert (names.count("blue"), names.count("green")) == (90, 10)
