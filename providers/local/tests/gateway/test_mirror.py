"""Requests that are copied to a deployment without traffic."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from mlstack_local import captures, ports
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.mirror import AT_A_TIME, WAITING
from mlstack_local.gateway.totals import Row
from mlstack_local.layout import captures_of

Gateway = Any
Make = Callable[..., Any]


def behind(*backends: Any) -> configs.Backend:
    return configs.Backend("g", tuple(backend.port for backend in backends), 20)


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def figures(gateway: Gateway, name: str) -> Row:
    found = admin.totals(gateway.config)
    assert found
    return found.mirrored.get(name, Row())


def test_every_fifth_request_is_copied_as_it_was_sent(gateway: Gateway, backends: Make) -> None:
    main, shadow = backends("main"), backends("shadow")
    sent: list[dict[str, Any]] = []

    def note(handler: Any) -> bool:
        sent.append({name.lower(): value for name, value in handler.headers.items()} | {"": handler.path})
        handler.answer(418, {})
        return True

    shadow.behave = note
    gateway.set(
        {"main": 100}, mirrors={"every-fifth": 20}, main=behind(main), **{"every-fifth": behind(shadow)}
    )
    before = admin.totals(gateway.config)
    assert before
    answers = [
        gateway.ask(f"/p{number}?a=b", data=b"1,2", headers={"x-request-id": f"r{number}", "x-own": "o"})
        for number in range(50)
    ]
    assert [answer.status_code for answer in answers] == [200] * 50
    until(lambda: len(sent) == 10)
    assert sorted(one["x-request-id"] for one in sent) == sorted(f"r{number}" for number in range(4, 50, 5))
    last = max(sent, key=lambda one: int(one["x-request-id"][1:]))
    assert (last[""], last["x-own"], last["content-length"]) == ("/p49?a=b", "o", "3")
    assert "authorization" not in last
    until(lambda: figures(gateway, "every-fifth").refused == 10)
    found = admin.totals(gateway.config)
    assert found
    passed = found.since(before)
    assert (passed.traffic["main"].requests, passed.traffic["main"].refused) == (50, 0)
    assert "every-fifth" not in passed.traffic
    row = passed.mirrored["every-fifth"]
    assert (row.requests, row.refused, row.in_flight, sum(row.latency.values())) == (10, 10, 0, 10)
    text = gateway.ask("/metrics", "GET").text
    place = 'deployment="every-fifth",endpoint="digits"'
    assert f'mlstack_gateway_mirrored_requests_total{{{place},status="418"}} 10.0' in text
    assert f"mlstack_gateway_requests_total{{{place}" not in text


def test_what_is_no_request_to_the_endpoint_is_not_copied(gateway: Gateway, backends: Make) -> None:
    shadow = backends("shadow")
    gateway.set({"main": 100}, mirrors={"all": 100}, main=behind(backends("main")), all=behind(shadow))
    gateway.ask("/v2", "GET")
    gateway.ask("/named", headers={"x-mlstack-deployment": "main"})
    gateway.ask("/copied")
    until(lambda: figures(gateway, "all").requests)
    assert shadow.seen == ["/copied"]


def test_a_shadow_that_hangs_delays_nobody_and_what_it_cannot_follow_is_dropped(
    gateway: Gateway, backends: Make
) -> None:
    main, shadow = backends("main"), backends("shadow")
    release = threading.Event()
    shadow.behave = lambda handler: release.wait(60) and False
    gateway.set({"main": 100}, mirrors={"slow": 100}, main=behind(main), slow=behind(shadow))
    most = AT_A_TIME + WAITING
    assert {gateway.ask(data=b"x").status_code for _ in range(most + 10)} == {200}
    assert figures(gateway, "slow").in_flight == most
    assert len(shadow.seen) == AT_A_TIME
    text = gateway.ask("/metrics", "GET").text
    assert 'mlstack_gateway_mirrored_dropped_total{deployment="slow",endpoint="digits"} 10.0' in text
    release.set()
    until(lambda: figures(gateway, "slow").requests == most)
    copies = [path for path in shadow.seen if path == "/"]  # /metrics has asked whether it is ready
    assert (figures(gateway, "slow").in_flight, len(copies)) == (0, most)


def test_a_shadow_that_is_not_there_or_goes_harms_nobody(gateway: Gateway, backends: Make) -> None:
    main = backends("main")
    nobody = configs.Backend("g", (ports.free(f"{gateway.folder} no shadow"),), 1)
    gateway.set({"main": 100}, mirrors={"lost": 100}, main=behind(main), lost=nobody)
    assert gateway.ask(data=b"x").status_code == 200
    until(lambda: figures(gateway, "lost").errors == 1)
    gateway.ask(data=b"x")
    gateway.set({"main": 100}, main=behind(main))
    until(lambda: figures(gateway, "lost").in_flight == 0)
    assert figures(gateway, "lost").requests == 1
    assert gateway.ask(data=b"x").status_code == 200


def test_copies_are_captured_under_their_deployment(gateway: Gateway, backends: Make) -> None:
    gateway.set(
        {"main": 100},
        mirrors={"kept": 100},
        captures={"kept": configs.Capture()},
        main=behind(backends("main")),
        kept=behind(backends("kept")),
    )
    gateway.ask("/x?y=z", data=b"1,2", headers={"x-request-id": "mine", "content-type": "text/csv"})
    folder = captures_of(gateway.folder) / "kept"
    until(lambda: captures.read(folder).num_rows)
    [row] = captures.read(folder).to_pylist()
    kept = {key: row[key] for key in ("request_id", "deployment", "path", "content_type", "request")}
    assert kept == {
        "request_id": "mine",
        "deployment": "kept",
        "path": "/x",
        "content_type": "text/csv",
        "request": b"1,2",
    }
    assert b'"server": "kept"' in row["response"]
    assert not (captures_of(gateway.folder) / "main").exists()
    gateway.set({})
