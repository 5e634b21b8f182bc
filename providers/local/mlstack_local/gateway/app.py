"""The gateway as a plain ASGI application: every layer above it would cost requests per second."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import re
import time
from pathlib import Path
from time import perf_counter
from typing import Any

from mlstack_local.gateway import config as configs
from mlstack_local.gateway.http import (
    Answer,
    Gone,
    Headers,
    Receive,
    Scope,
    Send,
    TooLarge,
    document,
    read_body,
    refusal,
    send_answer,
)
from mlstack_local.gateway.metrics import CONTENT_TYPE, Metrics
from mlstack_local.gateway.routing import Route, Router
from mlstack_local.gateway.tally import Tallies
from mlstack_local.gateway.totals import NONE
from mlstack_local.gateway.upstream import Upstream

BODY_LIMIT = 64 << 20
_LOOK_SECONDS = 1.0
_ADMIN_HEADER = configs.ADMIN_HEADER.encode()
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")


class Gateway:
    """Follows the ``gateway.json`` of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._upstream = Upstream()
        self._started = time.time()
        self._traffic, self._mirrored = Tallies(), Tallies()
        self._stamp: tuple[int, int] | None = None
        self._config: configs.Config
        self._router: Router
        #: The key once it was given: comparing takes less time than hashing.
        self._known: bytes
        self._reload()
        self._metrics = Metrics(self._config.endpoint, self._traffic)

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
        try:
            answer = await self._own(scope["path"], headers)
            if answer is None:
                answer = await self._answer(scope, headers, receive, request_id)
                if answer.deployment == NONE:
                    self._traffic[NONE].count(answer.status)
            await send_answer(
                send,
                answer,
                (b"x-request-id", request_id),
                (b"x-mlstack-deployment", answer.deployment.encode()),
            )
        except Gone:
            self._traffic[NONE].count(499)

    async def _own(self, path: str, headers: dict[bytes, bytes]) -> Answer | None:
        """The gateway's own pages, which are no traffic."""
        if path == "/v2/health/live":
            return document(200, {"live": True})
        if path == "/v2/health/ready":
            return await self._ready()
        if path == configs.ADMIN_PATH and self._is(headers.get(_ADMIN_HEADER, b""), self._config.admin):
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
        named = headers.get(b"x-mlstack-deployment", b"").decode("latin-1")
        if named and named not in self._router.routes:
            known = ", ".join(sorted(self._router.routes)) or "none"
            return refusal(404, f"there is no deployment {named!r}; there is: {known}")
        try:
            if int(headers.get(b"content-length", 0)) > BODY_LIMIT:
                raise TooLarge
            body = await read_body(receive, BODY_LIMIT)
        except TooLarge:
            return refusal(413, f"the body is over {BODY_LIMIT >> 20} MiB", (b"connection", b"close"))
        # Only now, for a slow body takes long enough for deployments to come and go.
        route = self._router.routes.get(named) if named else self._router.choose()
        if route is None:
            return refusal(503, "no deployment of this endpoint has traffic", (b"retry-after", b"5"))
        name = route.name
        target: bytes = scope["raw_path"] or b"/"
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        listed: Headers = scope["headers"]

        def find() -> Route | None:
            """The route as it is now; one that went while its request was read or waited has another."""
            found = self._router.routes.get(name)
            return found if found or named else self._router.choose()

        tally = self._traffic[name]
        started = perf_counter()
        tally.in_flight += 1
        try:
            answer = await self._upstream.forward(find, scope["method"], target, listed, body, request_id)
        finally:
            tally.in_flight -= 1
        if answer.deployment == "none":  # none is left that could answer
            answer.deployment = name
        self._traffic[answer.deployment].answered(
            answer.status, perf_counter() - started, len(body), len(answer.body)
        )
        return answer

    def _state(self) -> dict[str, Any]:
        return {
            "number": self._config.number,
            "busy": dict(self._upstream.busy),
            "started": self._started,
            "time": time.time(),
            "traffic": self._traffic.rows(),
            "mirrored": self._mirrored.rows(),
        }

    async def _ready(self) -> Answer:
        """Ready when each deployment with traffic has a ready worker."""
        for route in self._router.weighted:
            if route.scaled and not route.workers:
                continue  # asleep: a request wakes it
            if not any([await self._upstream.ready(port, route.health) for port in route.workers]):
                error = f"deployment {route.name!r} has no ready worker"
                return document(503, {"ready": False, "error": error})
        if not self._router.weighted:
            return document(503, {"ready": False, "error": "no deployment has traffic"})
        return document(200, {"ready": True})

    def _has_key(self, headers: dict[bytes, bytes]) -> bool:
        given = _bearer(headers)
        if given and self._known and hmac.compare_digest(given, self._known):
            return True
        if not given or not self._is(hashlib.sha256(given).hexdigest().encode(), self._config.key_sha256):
            return False
        self._known = given
        return True

    @staticmethod
    def _is(given: bytes, wanted: str) -> bool:
        return hmac.compare_digest(given, wanted.encode())

    def _reload(self) -> None:
        """Take up the config when its file is another one than before."""
        try:
            stat = (self._folder / configs.NAME).stat()
        except FileNotFoundError:
            if self._stamp is None:
                raise
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp == self._stamp:
            return
        config = configs.read(self._folder)
        if config is None:
            return
        if self._stamp is not None:
            self._upstream.forget(_workers(self._config) - _workers(config))
        before = self._router if self._stamp is not None else None
        self._config, self._router, self._stamp = config, Router(config, before), stamp
        self._known = b""
        self._upstream.changed()

    async def _watch(self) -> None:
        # Verbs ask for the reload themselves; this is for one that was killed before it could.
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._reload()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        watch = asyncio.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        self._upstream.close()
        await send({"type": "lifespan.shutdown.complete"})


def _bearer(headers: dict[bytes, bytes]) -> bytes:
    scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else b""


def _workers(config: configs.Config) -> set[int]:
    return {port for backend in config.deployments.values() for port in backend.workers}
