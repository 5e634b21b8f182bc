"""From what the processes of a run write to its log: secrets masked, lines marked with their rank."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from mlstack_local.masking import Masker

_CHUNK = 1 << 16
#: A line that is longer is written in parts.
_LINE = 1 << 20


class Pump:
    """Reads one process's output to its end, into the log that several share.

    ``label`` stands before each line; without one the output is passed on as it comes.
    """

    def __init__(
        self, source: IO[bytes], log: Path, label: str, values: Iterable[str], lock: threading.Lock
    ) -> None:
        self._source, self._label, self._lock = source, label.encode(), lock
        self._log = log.open("ab", buffering=0)
        self._masker = Masker(values)
        self._line = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the end, which a process that got away may keep from coming."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with self._source, self._log:
            while data := os.read(self._source.fileno(), _CHUNK):
                self._write(self._masker.feed(data))
            self._write(self._masker.flush(), over=True)

    def _write(self, data: bytes, *, over: bool = False) -> None:
        if self._label:
            *lines, self._line = (self._line + data).split(b"\n")
            if self._line and (over or len(self._line) > _LINE):
                lines.append(self._line)
                self._line = b""
            data = b"".join(self._label + line + b"\n" for line in lines)
        with self._lock:
            while data:
                data = data[self._log.write(data) :]
