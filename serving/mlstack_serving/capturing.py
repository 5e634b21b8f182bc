"""Requests and answers that are kept, where nothing before the server keeps them: lines of JSON in a folder.

    <folder>/<time of the first, UTC, YYYYmmddTHHMMSS.ffffff>-<host>.jsonl

One line a request, with its body and its answer's in base64. Several servers may have one folder. No request
ever waits for the disk: a thread writes, and what it cannot follow is dropped and counted. JSON, as an
environment of a user's own has no packages that could write anything else for certain.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import logging
import os
import re
import socket
import threading
import time
from collections import Counter, deque
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlstack_serving.config import Config

log = logging.getLogger("mlstack_serving")

ENDING = ".jsonl"
STEM = "%Y%m%dT%H%M%S.%f"
FLUSH_SECONDS = 1.0
#: What may wait for the thread.
PENDING_ROWS, PENDING_BYTES = 10_000, 64 << 20
#: A larger body, of a request or of an answer, is not captured.
BODY_BYTES = 1 << 20
ROTATE_BYTES = 64 << 20
#: All captures in a folder; the oldest files go first.
CAP_BYTES = 1 << 30
_PRUNE_SECONDS = 60.0


class Row(NamedTuple):
    """``time`` in epoch seconds, when the request had come; ``seconds`` until its answer was made."""

    time: float
    request_id: str
    path: str
    status: int
    seconds: float
    content_type: str
    request: bytes
    response: bytes


def sampled(request_id: bytes, fraction: float) -> bool:
    """Whether a request is in the sample: the same answer for the same id, wherever it is asked."""
    if fraction >= 1:
        return True
    digest = hashlib.blake2b(request_id, digest_size=8).digest()
    return int.from_bytes(digest, "big") < fraction * 2**64


class Recorder:
    """``written`` requests; ``dropped`` by reason (slow, large, failed)."""

    @staticmethod
    def of(config: Config) -> Recorder | None:
        """None where the settings name no folder."""
        return Recorder(config) if config.capture is not None else None

    def __init__(self, config: Config) -> None:
        self.written = 0
        self.dropped: Counter[str] = Counter()
        self._sample = config.capture_sample
        self._rows: deque[Row] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._writer = _Writer(config)
        self._thread = threading.Thread(target=self._run, name="captures", daemon=True)
        self._thread.start()

    def offer(self, row: Row) -> None:
        """Never waits."""
        if not sampled(row.request_id.encode(), self._sample):
            return
        size = len(row.request) + len(row.response)
        if max(len(row.request), len(row.response)) > BODY_BYTES:
            self.dropped["large"] += 1
            return
        with self._lock:
            full = self._bytes + size > PENDING_BYTES or len(self._rows) >= PENDING_ROWS
            if not full:
                self._rows.append(row)
                self._bytes += size
        if full:
            self.dropped["slow"] += 1

    def close(self) -> None:
        """Write what waits."""
        self._ending = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            ending = self._ending
            with self._lock:
                rows, self._rows, self._bytes = self._rows, deque(), 0
            try:
                if rows:
                    self._writer.write(rows)
                self.written += len(rows)
            except Exception as error:  # whatever it is, the thread has to go on
                self.dropped["failed"] += len(rows)
                log.error("%d requests could not be captured: %r", len(rows), error)
            self._writer.tidy()
            if ending:
                self._writer.close()
                return
            self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()


class _Writer:
    """The open file. Lives in the recorder's thread."""

    def __init__(self, config: Config) -> None:
        self._folder = Path(config.capture or ".")
        self._deployment = config.deployment
        self._rotate = config.capture_rotate
        self._keep = config.capture_keep
        self._host = re.sub(r"[^A-Za-z0-9.]", "-", socket.gethostname()) or "host"
        self._file: IO[bytes] | None = None
        self._first = 0.0
        self._pruned = 0.0

    def write(self, rows: deque[Row]) -> None:
        if self._file is None:
            self._file, self._first = self._made(rows[0].time), rows[0].time
        try:
            self._file.write(b"".join(self._line(row) for row in rows))
            self._file.flush()
        except BaseException:
            self.close()  # what is half written is the end of its file
            raise
        if self._file.tell() >= ROTATE_BYTES:
            self.close()

    def tidy(self) -> None:
        """End a file that is old, remove what is too old or too much."""
        now = time.time()
        if self._file is not None and now - self._first >= min(self._rotate, self._keep or self._rotate):
            self.close()
        if now - self._pruned >= _PRUNE_SECONDS:
            self._pruned = now
            try:
                self._prune(now)
            except OSError as error:
                log.error("old captures are still there: %s", error)

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # what it could not write was told when it was tried
                self._file.close()
            self._file = None

    def _made(self, first: float) -> IO[bytes]:
        """A new file, under the name of the first free microsecond."""
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            stem = datetime.fromtimestamp(first, timezone.utc).strftime(STEM)
            try:
                return (self._folder / f"{stem}-{self._host}{ENDING}").open("xb")
            except FileExistsError:
                first += 1e-6

    def _line(self, row: Row) -> bytes:
        document = {"deployment": self._deployment, **row._asdict()}
        for name in ("request", "response"):
            document[name] = base64.b64encode(getattr(row, name)).decode()
        return json.dumps(document).encode() + b"\n"

    def _prune(self, now: float) -> None:
        """A file's time of change is that of its last row."""
        found = []
        for path in sorted(self._folder.glob(f"*{ENDING}")):
            try:
                found.append((path, path.stat()))
            except FileNotFoundError:  # another server has removed it
                continue
        total = sum(stat.st_size for _, stat in found)
        mine = self._file.name if self._file is not None else None
        for path, stat in found:
            old = self._keep is not None and stat.st_mtime < now - self._keep
            if (old or total > CAP_BYTES) and os.fspath(path) != mine:
                path.unlink(missing_ok=True)
                total -= stat.st_size
