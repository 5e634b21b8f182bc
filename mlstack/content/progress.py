"""Who is told how far the reading of files is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

#: Called with what is read (a file or a folder), the bytes read so far, and all that are to be read: first
#: with 0, last with all. From any thread, one call at a time.
Watcher: TypeAlias = Callable[[Path, int, int], None]

_watcher: Watcher | None = None


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """While the block runs, whatever this process reads is told to the watcher, unless it has one itself."""
    global _watcher
    before, _watcher = _watcher, watcher
    try:
        yield
    finally:
        _watcher = before


class Meter:
    """Adds up what several threads read of one thing."""

    def __init__(self, path: Path, total: int, watcher: Watcher | None) -> None:
        self._path = path
        self._total = total
        self._done = 0
        self._lock = threading.Lock()
        self._watcher = watcher or _watcher
        self._tell()

    def add(self, count: int) -> None:
        with self._lock:
            self._done = min(self._done + count, self._total)
            self._tell()

    def finish(self) -> None:
        with self._lock:
            self._done = self._total
            self._tell()

    def _tell(self) -> None:
        if self._watcher is not None:
            self._watcher(self._path, self._done, self._total)


def size(count: int) -> str:
    """Bytes for people: 2.1 GB."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if unit != "B" else f"{count} B"
