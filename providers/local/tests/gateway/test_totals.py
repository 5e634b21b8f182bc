"""The figures that others read from a gateway, and their subtraction."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from mlstack_local import ports
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.totals import Row, Totals

Gateway = Any
Make = Callable[..., Any]


def totals(gateway: Gateway) -> Totals:
    found = admin.totals(gateway.config)
    assert found
    return found


def test_answers_count_by_deployment_and_kind(gateway: Gateway, backends: Make) -> None:
    blue, green = backends("blue"), backends("green")
    statuses = iter([200, 200, 404, 429, 500, 503])

    def behave(handler: Any) -> bool:
        handler.answer(next(statuses), {})
        return True

    green.behave = behave
    gateway.set(
        {"blue": 100},
        blue=configs.Backend("g", (blue.port,), 20),
        green=configs.Backend("g", (green.port,), 20),
    )
    before = totals(gateway)
    for _ in range(3):
        assert gateway.ask().status_code == 200
    for _ in range(6):
        gateway.ask("/", "PUT", headers={"x-mlstack-deployment": "green"})
    gateway.ask(headers={"x-mlstack-deployment": "red"})
    requests.post(gateway.url(), timeout=120)
    requests.get(gateway.url("/v2/health/live"), timeout=120)
    gateway.ask("/metrics", "GET")
    passed = totals(gateway).since(before)
    rows = {name: row for name, row in passed.traffic.items() if row.requests}
    assert {name: (row.requests, row.errors, row.refused) for name, row in rows.items()} == {
        "blue": (3, 0, 0),
        "green": (6, 2, 2),
        "none": (2, 0, 2),
    }
    assert sum(rows["green"].latency.values()) == 6
    assert rows["none"].latency == {}
    assert not any(row.requests for row in passed.mirrored.values())
    assert (passed.started, passed.seconds) == (before.time, passed.time - before.time)
    everything = Row.sum(rows.values())
    assert (everything.requests, sum(everything.latency.values())) == (11, 9)


def test_a_slow_answer_is_in_its_bucket(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    blue.behave = lambda handler: bool(time.sleep(0.25))
    gateway.set({"blue": 100}, blue=configs.Backend("g", (blue.port,), 20))
    before = totals(gateway)
    started = time.perf_counter()
    gateway.ask()
    took = time.perf_counter() - started
    middle = totals(gateway).since(before).traffic["blue"].quantile(0.5)
    assert middle
    assert 0.25 <= middle <= took * 1.05


def test_what_waits_for_a_worker_is_in_flight(gateway: Gateway, backends: Make) -> None:
    port = ports.free(f"{gateway.folder} comes later")
    gateway.set({"blue": 100}, blue=configs.Backend("g", (port,), 20))
    threads = [threading.Thread(target=gateway.ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 120
    while totals(gateway).traffic.get("blue", Row()).in_flight < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    backends("blue", port)
    for thread in threads:
        thread.join()
    assert totals(gateway).traffic["blue"].in_flight == 0


def test_after_a_restart_the_figures_begin_anew(gateway: Gateway, backends: Make) -> None:
    gateway.set({"blue": 100}, blue=configs.Backend("g", (backends("blue").port,), 20))
    for _ in range(5):
        gateway.ask()
    before = totals(gateway)
    assert before.traffic["blue"].requests >= 5
    gateway.stop()
    assert admin.totals(gateway.config) is None
    gateway.start()
    gateway.ask()
    after = totals(gateway)
    assert after.started > before.started
    assert after.since(before) == after
    assert after.since(None) == after
    assert after.traffic["blue"].requests == 1


def test_the_state_of_an_older_gateway_has_no_figures() -> None:
    assert Totals.of({"number": 3, "busy": {}}) is None


def test_a_deployment_that_was_not_there_before_is_whole() -> None:
    early = Totals(1.0, 10.0, {"blue": Row(2, 1, 0, 1, {3: 1, 4: 1})}, {})
    now = {"blue": Row(5, 1, 2, 4, {3: 2, 4: 1, 9: 2}), "green": Row(1, 0, 0, 0, {5: 1})}
    passed = Totals(1.0, 20.0, now, {"shadow": Row(7)}).since(early)
    assert passed == Totals(
        10.0,
        20.0,
        {"blue": Row(3, 0, 2, 4, {3: 1, 9: 2}), "green": Row(1, 0, 0, 0, {5: 1})},
        {"shadow": Row(7)},
    )
