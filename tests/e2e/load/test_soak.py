"""An endpoint for an hour: a constant rate, workers that are killed, traffic that moves to and fro.

MLSTACK_SOAK_SECONDS sets another time. What was seen is kept as a line of JSON in the folder MLSTACK_SOAK.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.load.conftest import BODY, Stack
from tests.e2e.load.vegeta import Attack, attack

pytestmark = [pytest.mark.engine, pytest.mark.soak, pytest.mark.timeout(0)]

SECONDS = float(os.environ.get("MLSTACK_SOAK_SECONDS", "3600"))
RESULTS = Path(os.environ.get("MLSTACK_SOAK", "soak"))
RATE = 50
KILL_EVERY, MOVE_EVERY, LOOK_EVERY = 60.0, 300.0, 15.0
#: A worker that is killed takes the requests along that it was working on: those sent in that second.
EXCUSED = 1.0
#: Growth of a process from its warm state to the end that counts as flat.
FLAT_MIB = 15.0


def test_an_hour(stack: Stack) -> None:
    kills: list[float] = []
    memory: list[tuple[float, float]] = []
    splits = random.Random(5)
    with attack(stack.endpoint, BODY, RATE) as load:
        for now, due in _beats():
            if "look" in due:
                memory.append((now, _memory_mib(_gateway(stack.root))))
            if "kill" in due:
                kills.append(_kill(splits.choice(_workers(stack.root))))
            if "move" in due:
                share = splits.randrange(0, 101, 10)
                stack.up(blue__traffic=share, green__traffic=100 - share)
    seen = _summary(load, kills, memory)
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / "endpoint.jsonl").open("a") as stream:
        stream.write(json.dumps(seen) + "\n")
    assert seen["requests"] >= 0.98 * RATE * SECONDS
    assert seen["failed_outside_kills"] == 0, seen
    assert seen["gateway_mib"]["end"] - seen["gateway_mib"]["warm"] < FLAT_MIB, seen


def _beats() -> Iterator[tuple[float, set[str]]]:
    """What is due, in the order in which it becomes due, until the time is over."""
    started = time.time()
    every = {"look": LOOK_EVERY, "kill": KILL_EVERY, "move": MOVE_EVERY}
    due = {what: started + seconds for what, seconds in every.items()}
    while (now := time.time()) < started + SECONDS:
        ready = {what for what, at in due.items() if at <= now}
        for what in ready:
            due[what] = max(due[what] + every[what], now)
        if ready:
            yield now, ready
        time.sleep(0.2)


def _summary(load: Attack, kills: list[float], memory: list[tuple[float, float]]) -> dict[str, Any]:
    outside = [
        hit for hit in load.failed if not any(at - EXCUSED <= hit.time <= at + EXCUSED for at in kills)
    ]
    took = sorted(hit.seconds * 1000 for hit in load.hits)
    cuts = statistics.quantiles(took, n=1000)
    fifth = max(1, len(memory) // 5)
    sizes = [size for _, size in memory]
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": SECONDS,
        "rate": RATE,
        "requests": len(load.hits),
        "kills": len(kills),
        "failed": len(load.failed),
        "failed_outside_kills": len(outside),
        "examples": [[round(hit.time, 3), hit.code, hit.error[:80]] for hit in outside[:5]],
        "ms": {"p50": round(cuts[499], 2), "p99": round(cuts[989], 2), "max": round(took[-1], 1)},
        "gateway_mib": {
            "warm": round(statistics.median(sizes[fifth : 2 * fifth]), 1),
            "end": round(statistics.median(sizes[-fifth:]), 1),
        },
    }


def _processes(root: Path, module: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if module in words and str(root) in " ".join(words):
            found.append(process)
    return found


def _workers(root: Path) -> list[psutil.Process]:
    return _processes(root, "mlstack_serving")


def _gateway(root: Path) -> psutil.Process:
    (found,) = _processes(root, "mlstack_local.gateway")
    return found


def _memory_mib(process: psutil.Process) -> float:
    return process.memory_info().rss / 2**20


def _kill(process: psutil.Process) -> float:
    at = time.time()
    process.kill()
    return at
