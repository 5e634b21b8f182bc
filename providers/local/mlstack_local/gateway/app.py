"""The gateway as a plain ASGI application: every layer above it would cost requests per second."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import re
from pathlib import Path
from time import perf_counter

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
        self._metrics = Metrics()
        self._stamp: tuple[int, int] | None = None
        self._config: configs.Config
        self._router: Router
        self._reload()

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
            answer = await self._answer(scope, headers, receive, request_id)
            if scope["path"] != configs.ADMIN_PATH:
                self._metrics.count(answer.deployment, answer.status)
            await send_answer(
                send,
                answer,
                (b"x-request-id", request_id),
                (b"x-mlstack-deployment", answer.deployment.encode()),
            )
        except Gone:
            self._metrics.count("none", 499)

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, request_id: bytes
    ) -> Answer:
        path = scope["path"]
        if path == "/v2/health/live":
            return document(200, {"live": True})
        if path == "/v2/health/ready":
            return await self._ready()
        if path == configs.ADMIN_PATH and self._is(headers.get(_ADMIN_HEADER, b""), self._config.admin):
            self._reload()
            return document(200, {"number": self._config.number, "busy": dict(self._upstream.busy)})
        scheme, _, key = headers.get(b"authorization", b"").partition(b" ")
        given = scheme.lower() == b"bearer" and bool(key.strip())
        if not given or not self._is_key(key.strip()):
            return refusal(
                401,
                f"{'that is not the key of this endpoint: it' if given else 'this endpoint'} needs its key, "
                "as the header 'Authorization: Bearer KEY'",
                (b"www-authenticate", b'Bearer realm="mlstack"'),
            )
        if path == "/metrics":
            return Answer(200, [(b"content-type", CONTENT_TYPE.encode())], self._metrics.text())
        return await self._forward(scope, headers, receive, request_id)

    async def _forward(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, request_id: bytes
    ) -> Answer:
        named = headers.get(b"x-mlstack-deployment")
        route = self._router.routes.get(named.decode("latin-1")) if named else self._router.choose()
        if route is None and named:
            known = ", ".join(sorted(self._router.routes)) or "none"
            return refusal(404, f"there is no deployment {named.decode('latin-1')!r}; there is: {known}")
        if route is None:
            return refusal(503, "no deployment of this endpoint has traffic", (b"retry-after", b"5"))
        try:
            if int(headers.get(b"content-length", 0)) > BODY_LIMIT:
                raise TooLarge
            body = await read_body(receive, BODY_LIMIT)
        except TooLarge:
            return refusal(413, f"the body is over {BODY_LIMIT >> 20} MiB", (b"connection", b"close"))
        started = perf_counter()
        name = route.name
        target: bytes = scope["raw_path"] or b"/"
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        listed: Headers = scope["headers"]

        def find() -> Route | None:
            return self._router.routes.get(name)

        answer = await self._upstream.forward(find, scope["method"], target, listed, body, request_id)
        self._metrics.time(name, perf_counter() - started)
        return answer

    async def _ready(self) -> Answer:
        """Ready when each deployment with traffic has a ready worker."""
        for route in self._router.weighted:
            if not any([await self._upstream.ready(port) for port in route.workers]):
                error = f"deployment {route.name!r} has no ready worker"
                return document(503, {"ready": False, "error": error})
        if not self._router.weighted:
            return document(503, {"ready": False, "error": "no deployment has traffic"})
        return document(200, {"ready": True})

    def _is_key(self, given: bytes) -> bool:
        return self._is(hashlib.sha256(given).hexdigest().encode(), self._config.key_sha256)

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
        self._config, self._router, self._stamp = config, Router(config), stamp

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


def _workers(config: configs.Config) -> set[int]:
    return {port for backend in config.deployments.values() for port in backend.workers}
