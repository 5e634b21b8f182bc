"""Gateways and workers that are replaced under a steady load: no request fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs

Gateway = Any
Make = Callable[..., Any]
REQUEST = b"POST /load HTTP/1.1\r\nhost: a\r\nauthorization: Bearer the-key\r\ncontent-length: 2\r\n%s\r\nhi"
RATE = 100


class Load:
    """So many requests a second, whether answers come or not; half of them on kept connections.

    A kept connection is used until an answer says that it is closed, as callers do.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.found: Counter[str] = Counter()
        self._kept: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def during(self, work: Callable[[], None]) -> Counter[str]:
        """What came of each request while ``work`` was done in a thread."""
        working = asyncio.create_task(asyncio.to_thread(work))
        asked = []
        began, number = time.monotonic(), 0
        while not working.done():
            asked.append(asyncio.create_task(self._ask(bool(number % 2))))
            number += 1
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        await working
        await asyncio.gather(*asked)
        return self.found

    def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """One that is kept. What was closed meanwhile is passed over, as every pool of connections does."""
        while self._kept:
            reader, writer = self._kept.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def _ask(self, keep: bool) -> None:
        try:
            reader, writer = (self._open() if keep else None) or await asyncio.open_connection(
                "127.0.0.1", self.port
            )
            writer.write(REQUEST % (b"" if keep else b"connection: close\r\n"))
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
            await reader.readexactly(int(length))
            self.found[head.split()[1].decode()] += 1
            if keep and b"connection: close" not in head:
                self._kept.append((reader, writer))
            else:
                writer.close()
        except (OSError, asyncio.IncompleteReadError) as error:
            self.found[repr(error)] += 1


def slowly(handler: Any) -> bool:
    time.sleep(0.02)
    return False


def test_a_gateway_takes_the_place_of_another(gateway: Gateway, backends: Make) -> None:
    blue = backends("blue")
    blue.behave = slowly
    gateway.set({"blue": 100}, blue=configs.Backend("g", (blue.port,), 20))
    command = [sys.executable, "-m", "mlstack_local.gateway", str(gateway.folder), str(gateway.port)]

    def replace() -> None:
        for _ in range(3):
            before = gateway.process
            gateway.process = subprocess.Popen(command)
            deadline = time.monotonic() + 120
            while (admin.state(gateway.config) or {}).get("pid") != gateway.process.pid:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            time.sleep(0.3)
            before.terminate()
            assert before.wait(120) == 0
            time.sleep(0.3)

    found = asyncio.run(Load(gateway.port).during(replace))
    assert set(found) == {"200"}
    assert found["200"] > 200


def test_a_successor_that_dies_changes_nothing(gateway: Gateway, backends: Make) -> None:
    gateway.set({"blue": 100}, blue=configs.Backend("g", (backends("blue").port,), 20))
    program = f"""
from pathlib import Path
from mlstack_local.gateway import config, handover
assert handover.take(config.read(Path({str(gateway.folder)!r})))
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    for _ in range(5):
        assert gateway.ask(data=b"x").status_code == 200
    state = admin.state(gateway.config)
    assert state
    assert state["pid"] == gateway.process.pid


def test_a_successor_that_dies_once_it_serves_leaves_the_callers_to_its_predecessor(
    gateway: Gateway, backends: Make
) -> None:
    gateway.set({"blue": 100}, blue=configs.Backend("g", (backends("blue").port,), 20))
    command = [sys.executable, "-m", "mlstack_local.gateway", str(gateway.folder), str(gateway.port)]
    for _ in range(2):
        successor = subprocess.Popen(command)
        deadline = time.monotonic() + 120
        while (admin.state(gateway.config) or {}).get("pid") != successor.pid:
            assert time.monotonic() < deadline
        assert gateway.ask(data=b"x").status_code == 200
        successor.kill()
        successor.wait()
        for _ in range(5):
            assert gateway.ask(data=b"x").status_code == 200
        state = admin.state(gateway.config)
        assert state
        assert state["pid"] == gateway.process.pid


def test_workers_take_the_place_of_others(gateway: Gateway, backends: Make) -> None:
    """As a rollout does it: turn to the new ones, wait until the old ones have nothing, end them."""
    old = backends("0")
    old.behave = slowly
    gateway.set({"blue": 100}, blue=configs.Backend("0", (old.port,), 20))

    def swap() -> None:
        nonlocal old
        for number in range(1, 9):
            new = backends(str(number))
            new.behave = slowly
            gateway.set({"blue": 100}, blue=configs.Backend(str(number), (new.port,), 20))
            assert admin.drained(gateway.config, {old.port}, 20)
            old.close()
            old = new
            time.sleep(0.2)

    found = asyncio.run(Load(gateway.port).during(swap))
    assert set(found) == {"200"}
    assert found["200"] > 100
