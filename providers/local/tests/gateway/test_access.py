"""The access log of a gateway."""

from __future__ import annotations

import asyncio
import json
import stat
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from mlstack_local import ports
from mlstack_local.gateway import access
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.access import AccessLog
from mlstack_local.gateway.http import Answer, Request

Gateway = Any
Make = Callable[..., Any]


def behind(*ports: int) -> configs.Backend:
    return configs.Backend("g", ports, 20)


def lines(gateway: Gateway, wanted: str) -> list[dict[str, Any]]:
    """Those of requests whose path begins so, in order, once there are any."""
    deadline = time.monotonic() + 120
    while True:
        text = (gateway.folder / access.NAME).read_text() if (gateway.folder / access.NAME).exists() else ""
        found = [line for line in map(json.loads, text.splitlines()) if line["path"].startswith(wanted)]
        if found:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_line_says_who_asked_whom_and_what_came_of_it(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    gateway.set({"blue": 100}, blue=behind(blue.port))
    before = datetime.now(UTC)
    answer = gateway.ask('/lo"g%20ged?a=secret', data=b"1,2", headers={"x-request-id": 'my"id\\'})
    [line] = lines(gateway, '/lo"g')
    assert before.timestamp() - 1 < datetime.fromisoformat(line.pop("time")).timestamp() < time.time()
    assert 0 < line.pop("ms") < 20_000
    assert line == {
        "id": 'my"id\\',
        "id_from": "client",
        "method": "POST",
        "path": '/lo"g ged',
        "deployment": "blue",
        "worker": blue.port,
        "status": 200,
        "bytes_in": 3,
        "bytes_out": len(answer.content),
        "retries": 0,
    }
    text = (gateway.folder / access.NAME).read_text()
    assert "secret" not in text
    assert "the-key" not in text
    assert stat.S_IMODE((gateway.folder / access.NAME).stat().st_mode) == 0o600


def test_refusals_and_retries_are_told_and_the_gateways_own_pages_are_not(
    gateway: Gateway, backends: Make
) -> None:
    blue = backends("blue")
    gateway.set({"blue": 100}, blue=behind(ports.free(f"{gateway.folder} nobody"), blue.port))
    for path in ("/v2/health/live", "/metrics"):
        gateway.ask(path, "GET")
    refused = requests.post(gateway.url("/refused/a"), timeout=120)
    gateway.ask("/refused/b", headers={"x-mlstack-deployment": "red"})
    gateway.ask("/refused/c")
    gateway.ask("/refused/d")
    deadline = time.monotonic() + 120
    while len(found := lines(gateway, "/refused")) < 4:
        assert time.monotonic() < deadline
    assert [(line["status"], line["deployment"], line["worker"]) for line in found] == [
        (401, None, None),
        (404, None, None),
        (200, "blue", blue.port),
        (200, "blue", blue.port),
    ]
    assert sorted(line["retries"] for line in found) == [0, 0, 1, 1]
    assert (found[0]["id"], found[0]["id_from"]) == (refused.headers["x-request-id"], "gateway")
    text = (gateway.folder / access.NAME).read_text()
    assert "/v2/health/live" not in text
    assert '"/metrics"' not in text


def test_what_waits_is_written_when_the_gateway_ends(gateway: Gateway, backends: Make) -> None:
    gateway.set({"blue": 100}, blue=behind(backends("blue").port))
    gateway.ask("/at-the-end")
    gateway.stop()
    text = (gateway.folder / access.NAME).read_text()
    gateway.start()
    assert text.count("/at-the-end") == 1


def add(log: AccessLog, path: str) -> None:
    request = Request("POST", path.encode(), path, [], {}, b"id", False, time.time(), time.perf_counter())
    log.add(request, Answer(200, [], b"", "blue"))


def test_files_are_rotated_and_three_are_kept(tmp_path: Path) -> None:
    async def write() -> None:
        log = AccessLog(tmp_path)
        for number in range(6):
            add(log, f"/{number}")
            await log.flush()
            with (tmp_path / access.NAME).open("r+b") as file:
                file.truncate(access.BYTES)

    asyncio.run(write())
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == [access.NAME, *(f"{access.NAME}.{n}" for n in (1, 2, 3))]
    firsts = []
    for path in kept:
        with path.open("rb") as file:
            firsts.append(json.loads(file.readline())["path"])
    assert firsts == ["/5", "/4", "/3", "/2"]


def test_lines_that_cannot_be_written_are_counted(tmp_path: Path) -> None:
    async def write() -> AccessLog:
        log = AccessLog(tmp_path / "none")
        add(log, "/lost")
        await log.flush()
        (tmp_path / "none").mkdir()
        add(log, "/kept")
        await log.flush()
        return log

    assert asyncio.run(write()).dropped == 1
    assert json.loads((tmp_path / "none" / access.NAME).read_text())["path"] == "/kept"
