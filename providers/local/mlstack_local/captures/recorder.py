"""Takes rows from the event loop and writes them in a thread.

No request ever waits for the disk: what the thread cannot follow is dropped and counted.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlstack_local.captures import files
from mlstack_local.captures.rows import Row

if TYPE_CHECKING:
    from mlstack_local.captures.stream import Stream

log = logging.getLogger(__name__)

FLUSH_SECONDS, FLUSH_ROWS = 1.0, 1000
#: What arrived longer ago can be read: answered within a second or so, flushed, written.
SETTLED_SECONDS = 5.0
#: What may wait for the thread.
PENDING_ROWS, PENDING_BYTES = 10_000, 64 << 20
#: A larger body, of a request or of an answer, is not captured.
BODY_BYTES = 1 << 20
ROTATE_BYTES = 64 << 20
_BATCH_BYTES = 4 << 20
_PRUNE_SECONDS = 60.0


@dataclass(frozen=True)
class Settings:
    """Where a deployment's captures go, how many seconds one file holds, and how many it is kept.

    ``keep`` None: until there is too much of them, see `files`.
    """

    folder: Path
    rotate: float
    keep: float | None


class Recorder:
    """``written`` rows by deployment; ``dropped`` by deployment and reason (slow, large, failed)."""

    def __init__(self) -> None:
        self.written: Counter[str] = Counter()
        self.dropped: Counter[tuple[str, str]] = Counter()
        self._settings: Mapping[str, Settings] = {}
        self._rows: deque[Row] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._thread: threading.Thread | None = None

    def follow(self, settings: Mapping[str, Settings]) -> None:
        """Capture these deployments from now on, by these settings, and no others."""
        self._settings = settings
        if settings and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="captures", daemon=True)
            self._thread.start()
        self._wake.set()

    def offer(self, row: Row) -> None:
        """Never waits."""
        if len(row.request) > BODY_BYTES or len(row.response) > BODY_BYTES:
            self.dropped[row.deployment, "large"] += 1
            return
        with self._lock:
            full = self._bytes + row.size > PENDING_BYTES or len(self._rows) >= PENDING_ROWS
            if not full:
                self._rows.append(row)
                self._bytes += row.size
        if full:
            self.dropped[row.deployment, "slow"] += 1
        elif len(self._rows) >= FLUSH_ROWS:
            self._wake.set()

    def close(self) -> None:
        """Write what waits, and turn all files into parquet."""
        self._ending = True
        self._wake.set()
        if self._thread:
            self._thread.join()

    def _take(self) -> dict[str, list[list[Row]]]:
        """What waits, by deployment, in pieces that are written at once."""
        with self._lock:
            rows, self._rows, self._bytes = self._rows, deque(), 0
        pieces: dict[str, list[list[Row]]] = {}
        sizes: Counter[str] = Counter()
        for row in rows:
            listed = pieces.setdefault(row.deployment, [[]])
            if sizes[row.deployment] >= _BATCH_BYTES or len(listed[-1]) >= FLUSH_ROWS:
                listed.append([])
                sizes[row.deployment] = 0
            listed[-1].append(row)
            sizes[row.deployment] += row.size
        return pieces

    def _run(self) -> None:
        writer = _Writer(self.written, self.dropped)
        while True:
            ending = self._ending
            settings = {} if ending else self._settings
            pieces_of = self._take()
            writer.follow(self._settings)
            for deployment, pieces in pieces_of.items():
                for piece in pieces:
                    writer.write(deployment, piece)
            writer.tidy(settings)
            if ending:
                return
            self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()


class _Writer:
    """The open stream of each deployment. Lives in the recorder's thread."""

    def __init__(self, written: Counter[str], dropped: Counter[tuple[str, str]]) -> None:
        self._written = written
        self._dropped = dropped
        self._settings: dict[str, Settings] = {}
        self._streams: dict[str, Stream] = {}
        self._pruned: dict[str, float] = {}

    def follow(self, settings: Mapping[str, Settings]) -> None:
        """Know these too, and take up what earlier gateways left of those that are new."""
        for deployment, wanted in settings.items():
            if deployment not in self._settings:  # to be looked into at once: the import takes a while
                with contextlib.suppress(OSError):
                    wanted.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        from mlstack_local.captures.stream import Stream

        for deployment, wanted in settings.items():
            new = deployment not in self._settings
            self._settings[deployment] = wanted
            for path in files.streams(wanted.folder) if new else ():
                try:
                    left = Stream.take_up(path)
                except Exception as error:
                    log.error("capture %s cannot be taken up: %r", path, error)
                    continue
                if left and deployment not in self._streams:
                    self._streams[deployment] = left
                elif left:
                    self._finish(left)

    def write(self, deployment: str, rows: list[Row]) -> None:
        from mlstack_local.captures.stream import Stream

        try:
            stream = self._streams.get(deployment)
            if stream and not stream.is_there():  # someone has removed it
                stream.leave()
                stream = None
            if stream is None:
                stream = Stream.create(self._settings[deployment].folder, rows[0].time)
                self._streams[deployment] = stream
            stream.append(rows)
        except Exception as error:  # whatever it is, the thread has to go on
            self._dropped[deployment, "failed"] += len(rows)
            log.error("%d captured requests of %s are lost: %r", len(rows), deployment, error)
        else:
            self._written[deployment] += len(rows)
            if stream.size >= ROTATE_BYTES:
                self._rotate(deployment)

    def tidy(self, wanted: Mapping[str, Settings]) -> None:
        """Rotate what is old or not wanted any more, remove what is too old or too much."""
        now = time.time()
        for deployment, stream in list(self._streams.items()):
            settings = self._settings[deployment]
            longest = min(settings.rotate, settings.keep or settings.rotate)
            if deployment not in wanted or now - stream.first >= longest:
                self._rotate(deployment)
        for deployment, settings in wanted.items():
            if now - self._pruned.get(deployment, 0.0) >= _PRUNE_SECONDS:
                self._pruned[deployment] = now
                try:
                    files.prune(settings.folder, settings.keep, now)
                except OSError as error:
                    log.error("old captures of %s are still there: %s", deployment, error)
        for deployment in self._settings.keys() - wanted.keys() - self._streams.keys():
            del self._settings[deployment]

    def _rotate(self, deployment: str) -> None:
        if self._finish(self._streams[deployment]):
            del self._streams[deployment]
            self._pruned.pop(deployment, None)

    def _finish(self, stream: Stream) -> bool:
        try:
            stream.finish()
        except Exception as error:
            log.error("capture %s stays a stream: %r", stream.path, error)
            return False
        return True
