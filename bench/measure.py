"""Wall seconds and memory of whole processes, one command in turn with another."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

Figure = dict[str, Any]


@dataclass
class Cost:
    """``peak`` is the most resident memory that was seen, in MiB, by process: "program" is the command
    itself, the others are its children by their name ("pulumi")."""

    seconds: float
    peak: dict[str, float] = field(default_factory=dict)


def cost(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end. Exits with all that it printed where it fails."""
    with tempfile.TemporaryFile("w+") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        made = Cost(0.0)
        ended = threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, made.peak, ended))
        watch.start()
        code = process.wait()
        made.seconds = time.perf_counter() - begun
        ended.set()
        watch.join()
        if code:
            output.seek(0)
            sys.exit(f"{' '.join(map(str, command))} in {cwd}\n{output.read()}")
    return made


def timed(
    command: Sequence[str | Path], runs: int, cwd: Path, env: Mapping[str, str] | None = None
) -> list[float]:
    """Wall seconds of each run, after one that is not counted."""
    return [cost(command, cwd, env).seconds for _ in range(runs + 1)][1:]


def pairs(ours: Callable[[], Cost], theirs: Callable[[], Cost], count: int) -> list[tuple[Cost, Cost]]:
    """One in turn with the other, each first as often as the other."""
    made = []
    for number in range(count):
        if number % 2:
            second, first = theirs(), ours()
        else:
            first, second = ours(), theirs()
        made.append((first, second))
    return made


def beside(names: tuple[str, str], made: Sequence[tuple[Cost, Cost]], goal: float | None = None) -> Figure:
    """Seconds of both, and the median of the ratio of each pair, which the machine's load moves least."""
    ratio = round(statistics.median(a.seconds / b.seconds for a, b in made), 3)
    figure: Figure = {name: spread([pair[i].seconds for pair in made]) for i, name in enumerate(names)}
    figure["ratio"] = ratio
    if goal is not None:
        figure |= {"goal_ratio": goal, "met": ratio <= goal}
    return figure


def with_memory(
    names: tuple[str, str], made: Sequence[tuple[Cost, Cost]], goal: float | None = None
) -> Figure:
    """The same with the median peaks of memory, in MiB by process."""
    figure = beside(names, made, goal)
    for i, name in enumerate(names):
        costs = [pair[i] for pair in made]
        processes = sorted({process for each in costs for process in each.peak})
        peaks = {
            process: round(statistics.median(each.peak.get(process, 0.0) for each in costs))
            for process in processes
        }
        figure[name] = {"seconds": figure[name], "peak MiB": peaks}
    return figure


def spread(numbers: Sequence[float]) -> dict[str, float]:
    return {
        "min": round(min(numbers), 3),
        "median": round(statistics.median(numbers), 3),
        "max": round(max(numbers), 3),
    }


def load() -> float:
    return round(os.getloadavg()[0], 2)


def _watch(pid: int, peak: dict[str, float], ended: threading.Event) -> None:
    while not ended.wait(0.05):
        try:
            process = psutil.Process(pid)
            seen = [("program", process), *((each.name(), each) for each in process.children(recursive=True))]
            for name, each in seen:
                peak[name] = max(peak.get(name, 0.0), round(each.memory_info().rss / 2**20, 1))
        except psutil.Error:
            continue  # it has just ended
