"""What the processes of a run take of this machine: memory at the peak, and processor time."""

from __future__ import annotations

import contextlib
import resource
import sys
import threading
from dataclasses import dataclass

import psutil

_FIRST, _LAST = 0.02, 0.5  # seconds between samples: close at the start, so that a short run is seen too
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Usage:
    """``max_rss_bytes``: the most memory that all processes held at one time, pages that they share counted
    for each. ``cpu_seconds``: user and system time of all that ended and were waited for."""

    max_rss_bytes: int
    cpu_seconds: float


class Meter:
    """Watches the descendants of this process from `start` to `stop`.

    Memory is sampled for the whole tree, at least twice a second, and a peak between two samples is missed,
    but never that of a single process: the system keeps it.
    """

    def __init__(self) -> None:
        self._peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._cpu, self._largest = _children()

    def start(self) -> Meter:
        self._thread.start()
        return self

    def stop(self) -> Usage:
        self._over.set()
        self._thread.join()
        cpu, largest = _children()
        # the system's figure is of all attempts so far, and counts what a child was before it became another
        # program: a copy of this one
        single = largest if largest > max(self._largest, _own()) else 0
        return Usage(max(self._peak, single), round(cpu - self._cpu, 3))

    def _watch(self) -> None:
        me, pause = psutil.Process(), _FIRST
        while not self._over.wait(pause):
            pause = min(pause * 1.5, _LAST)
            total = 0
            with contextlib.suppress(psutil.Error):
                for process in me.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        total += process.memory_info().rss
            self._peak = max(self._peak, total)


def _own() -> int:
    """The most memory that this process had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def _children() -> tuple[float, int]:
    """Processor time of the children so far, and the memory of the largest one, in bytes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * _MAXRSS_UNIT
