"""The gateway as a plain ASGI application: every layer above it would cost requests per second."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import re
import time
from pathlib import Path
from time import perf_counter
from typing import Any

from mlstack_local.gateway import config as configs
from mlstack_local.gateway.access import AccessLog
from mlstack_local.gateway.http import (
    Answer,
    Gone,
    Receive,
    Scope,
    Send,
    document,
    refusal,
    send_answer,
)
from mlstack_local.gateway.metrics import CONTENT_TYPE, Metrics
from mlstack_local.gateway.relay import Relay
from mlstack_local.gateway.totals import NONE
from mlstack_local.layout import captures_of

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_ADMIN_HEADER = configs.ADMIN_HEADER.encode()
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")


class Gateway:
    """Follows the ``gateway.json`` of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = time.time()
        #: The key once it was given: comparing takes less time than hashing.
        self._known = b""
        self._stamp = _stamp(folder)
        config = configs.read(folder)
        if config is None:
            raise FileNotFoundError(folder / configs.NAME)
        self._relay = Relay(config, captures_of(folder))
        self._access = AccessLog(folder)
        self._metrics = Metrics(config.endpoint, self._relay, self._access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given if _REQUEST_ID.fullmatch(given) else os.urandom(12).hex().encode()
        arrived, started = time.time(), perf_counter()
        own = await self._own(scope["path"], headers)
        try:
            answer = own or await self._answer(scope, headers, receive, request_id)
            await send_answer(
                send,
                answer,
                (b"x-request-id", request_id),
                (b"x-mlstack-deployment", answer.deployment.encode()),
            )
        except Gone:
            answer = Answer(499, [], b"")
        if own is not None:
            return
        if answer.deployment == NONE:
            self._relay.traffic[NONE].count(answer.status)
        seconds = perf_counter() - started
        is_given = request_id is given
        self._access.add(arrived, request_id, is_given, scope["method"], scope["path"], seconds, answer)

    async def _own(self, path: str, headers: dict[bytes, bytes]) -> Answer | None:
        """The gateway's own pages, which are no traffic."""
        if path == "/v2/health/live":
            return document(200, {"live": True})
        if path == "/v2/health/ready":
            return await self._ready()
        if path == configs.ADMIN_PATH and self._is(headers.get(_ADMIN_HEADER, b""), self._relay.config.admin):
            self._reload()
            return document(200, self._state())
        if path == "/metrics" and self._has_key(headers):
            return Answer(200, [(b"content-type", CONTENT_TYPE.encode())], self._metrics.text())
        return None

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, request_id: bytes
    ) -> Answer:
        if not self._has_key(headers):
            given = _bearer(headers)
            return refusal(
                401,
                f"{'that is not the key of this endpoint: it' if given else 'this endpoint'} needs its key, "
                "as the header 'Authorization: Bearer KEY'",
                (b"www-authenticate", b'Bearer realm="mlstack"'),
            )
        return await self._relay.answer(scope, headers, receive, request_id)

    def _state(self) -> dict[str, Any]:
        return {
            "number": self._relay.config.number,
            "busy": dict(self._relay.upstream.busy),
            "started": self._started,
            "time": time.time(),
            "traffic": self._relay.traffic.rows(),
            "mirrored": self._relay.mirrored.rows(),
        }

    async def _ready(self) -> Answer:
        """Ready when each deployment with traffic has a ready worker."""
        for route in self._relay.router.weighted:
            if route.scaled and not route.workers:
                continue  # asleep: a request wakes it
            if not any([await self._relay.upstream.ready(port, route.health) for port in route.workers]):
                error = f"deployment {route.name!r} has no ready worker"
                return document(503, {"ready": False, "error": error})
        if not self._relay.router.weighted:
            return document(503, {"ready": False, "error": "no deployment has traffic"})
        return document(200, {"ready": True})

    def _has_key(self, headers: dict[bytes, bytes]) -> bool:
        given = _bearer(headers)
        if given and self._known and hmac.compare_digest(given, self._known):
            return True
        digest = hashlib.sha256(given).hexdigest().encode()
        if not given or not self._is(digest, self._relay.config.key_sha256):
            return False
        self._known = given
        return True

    @staticmethod
    def _is(given: bytes, wanted: str) -> bool:
        return hmac.compare_digest(given, wanted.encode())

    def _reload(self) -> None:
        """Take up the config when its file is another one than before."""
        stamp = _stamp(self._folder)
        if stamp == self._stamp:
            return
        config = configs.read(self._folder)
        if config is None:
            return
        self._relay.follow(config)
        self._stamp = stamp
        self._known = b""

    async def _watch(self) -> None:
        # Verbs ask for the reload themselves; this is for one that was killed before it could.
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                self._reload()
            except (OSError, ValueError, TypeError, KeyError):
                log.exception("the config cannot be read; what was read before goes on")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        tasks = [asyncio.create_task(work) for work in (self._watch(), self._access.run())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._relay.close()
        await self._access.flush()
        await send({"type": "lifespan.shutdown.complete"})


def _bearer(headers: dict[bytes, bytes]) -> bytes:
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else b""


def _stamp(folder: Path) -> tuple[int, int] | None:
    """What tells one version of the config's file from another; None when there is none."""
    try:
        stat = (folder / configs.NAME).stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_ino
