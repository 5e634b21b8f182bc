"""The access log of an endpoint: ``access.log`` in its folder, a JSON object a line for each request.

    time           when the request's head had come, UTC
    id, id_from    its id, and who made it: "client" or "gateway"
    method, path   without the query, which may hold what is nobody's business
    deployment     null when it was refused before one was chosen
    worker         port of the worker that answered, null when the gateway did
    status         499 when the caller had hung up
    ms             from the head of the request to the whole answer
    bytes_in, bytes_out, retries

Lines are made at once, which takes two microseconds, and written together twice a second in a thread. At
64 MB the file becomes ``access.log.1``, and so on up to 3.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from time import perf_counter

from mlstack_local.gateway.http import Answer, Request
from mlstack_local.gateway.totals import NONE

NAME = "access.log"
FLUSH_SECONDS = 0.5
BYTES, KEPT = 64 << 20, 3
#: Lines that may wait for a disk that does not follow.
WAITING = 100_000

log = logging.getLogger(__name__)


class AccessLog:
    """``dropped`` lines were not written, because the disk did not follow or is full."""

    def __init__(self, folder: Path) -> None:
        self.dropped = 0
        self._path = folder / NAME
        self._lines: list[str] = []
        self._second, self._stamp = 0, ""
        self._writing = asyncio.Lock()

    def add(self, request: Request, answer: Answer) -> None:
        """As the request ends, now."""
        if len(self._lines) >= WAITING:
            self.dropped += 1
            return
        second = int(request.arrived)
        if second != self._second:
            self._second, self._stamp = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        deployment = "null" if answer.deployment == NONE else f'"{answer.deployment}"'
        maker = "client" if request.given else "gateway"
        seconds = perf_counter() - request.started
        self._lines.append(
            f'{{"time":"{self._stamp}.{int((request.arrived - second) * 1000):03d}Z",'
            f'"id":{quoted(request.id.decode("latin-1"))},"id_from":"{maker}",'
            f'"method":"{request.method}","path":{quoted(request.path)},"deployment":{deployment},'
            f'"worker":{answer.worker or "null"},"status":{answer.status},"ms":{seconds * 1000:.3f},'
            f'"bytes_in":{len(request.body)},"bytes_out":{answer.size},"retries":{answer.retries}}}'
        )

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        async with self._writing:
            lines, self._lines = self._lines, []
            if lines:
                await asyncio.to_thread(self._write, lines)

    def _write(self, lines: list[str]) -> None:
        try:
            _append(self._path, ("\n".join(lines) + "\n").encode())
        except OSError as error:
            self.dropped += len(lines)
            log.error("%d lines of the access log are lost: %s", len(lines), error)


def _append(path: Path, data: bytes) -> None:
    """To the file of that name as it is now: it may have been rotated, or removed."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "ab") as stream:
        if stream.tell() < BYTES:
            stream.write(data)
            return
    for number in range(KEPT - 1, -1, -1):
        older = path.with_name(f"{path.name}.{number}") if number else path
        with contextlib.suppress(FileNotFoundError):  # there are fewer, or another gateway was quicker
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    _append(path, data)


def deployment_of(line: str) -> str | None:
    """Of a line of the log; None of one that was cut short, too."""
    try:
        found = json.loads(line).get("deployment")
    except (ValueError, AttributeError):
        return None
    return str(found) if found is not None else None
