"""The ASGI application: a lookup in the contract's table, errors as JSON, ids, metrics, access log.

Plain ASGI: a server has one model and so a handful of fixed paths, and every layer above a dictionary
would cost requests per second.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
import time

from mlstack_serving import key
from mlstack_serving.capturing import Recorder, Row
from mlstack_serving.contracts import Handler, routes
from mlstack_serving.errors import NotFound, Refusal, WrongMethod
from mlstack_serving.http import Answer, Disconnected, Receive, Request, Scope, Send, answer
from mlstack_serving.runtime import Runtime

log = logging.getLogger("mlstack_serving")
#: The same that a gateway of mlstack takes over.
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")
#: How long the rest of a body that was refused is thrown away: a caller who is still sending could not
#: read the refusal otherwise.
_LINGER_SECONDS, _LINGER_IDLE_SECONDS = 2.0, 0.3


class App:
    def __init__(self, runtime: Runtime) -> None:
        config = runtime.config
        self._runtime = runtime
        self._access_log = config.access_log
        self._key = key.read(config.key_file)
        self._recorder = runtime.metrics.recorder = Recorder.of(config)
        self._routes: dict[str, dict[str, Handler]] = {}
        for route in routes(config):
            handlers = self._routes.setdefault(route.path, {})
            handlers.setdefault(route.method, route.handler)
            if route.method == "GET":
                handlers.setdefault("HEAD", route.handler)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not offered")
        arrived, started = time.time(), time.perf_counter()
        metrics = self._runtime.metrics
        request = Request(scope, receive)
        given = request.headers.get(b"x-request-id", b"")
        request_id = given if _REQUEST_ID.fullmatch(given) else os.urandom(16).hex().encode()
        metrics.in_flight += 1
        try:
            made, headers = await self._answer(scope, request, request_id.decode())
            start = [
                (b"content-type", made.content_type.encode()),
                (b"content-length", str(len(made.body)).encode()),
                (b"x-request-id", request_id),
            ]
            start += [(name.encode(), value.encode()) for name, value in (*headers.items(), *made.headers)]
            await send({"type": "http.response.start", "status": made.status, "headers": start})
            await send({"type": "http.response.body", "body": made.body, "more_body": made.status == 413})
            if made.status == 413:
                await _linger(request, receive)
                await send({"type": "http.response.body", "body": b""})
        except Disconnected:
            return
        finally:
            metrics.in_flight -= 1
        seconds = time.perf_counter() - started
        path = scope["path"]
        metrics.observe(path if path in self._routes else "other", made.status, seconds)
        if self._recorder is not None and request.whole is not None:
            row = (arrived, request_id.decode(), path, made.status, seconds)
            media = request.headers.get(b"content-type", b"").decode("latin-1")
            self._recorder.offer(Row(*row, media, request.whole, made.body))
        if self._access_log:
            self._write_access(scope, made, request_id.decode(), seconds)

    def close(self) -> None:
        """Once nothing is in flight any more: waits for what is captured to be written."""
        if self._recorder is not None:
            self._recorder.close()

    async def _answer(self, scope: Scope, request: Request, request_id: str) -> tuple[Answer, dict[str, str]]:
        try:
            handler = self._handler(scope)
            if self._key is not None and handler not in key.OPEN:
                key.check(self._key, request)
            return await handler(self._runtime, request), {}
        except Refusal as refusal:
            error = {"error": str(refusal)}
            if refusal.field is not None:
                error["field"] = refusal.field
            return answer(error, refusal.status), refusal.headers
        except Disconnected:
            raise
        except Exception as crash:
            log.error("request %s crashed", request_id, exc_info=crash)
            return answer(
                {"error": "the model's code failed; its log has the cause", "id": request_id}, 500
            ), {}

    def _handler(self, scope: Scope) -> Handler:
        path = scope["path"]
        handlers = self._routes.get(path)
        if handlers is None:
            raise NotFound(self._lost(path))
        handler = handlers.get(scope["method"])
        if handler is None:
            allowed = ", ".join(handlers)
            raise WrongMethod(f"{path} takes {allowed}", None, {"allow": allowed})
        return handler

    def _lost(self, path: str) -> str:
        name = self._runtime.config.name
        parts = path.split("/")
        if parts[1:3] in (["v1", "models"], ["v2", "models"]) and len(parts) > 3:
            asked = parts[3].partition(":")[0]
            if asked != name:
                return f"there is no model {asked!r} here; this server has {name!r}"
        return f"there is no route {path}; this server has {', '.join(self._routes)}"

    def _write_access(self, scope: Scope, made: Answer, request_id: str, seconds: float) -> None:
        line = {
            "time": time.time(),
            "id": request_id,
            "method": scope["method"],
            "path": scope["path"],
            "status": made.status,
            "ms": round(seconds * 1000, 3),
            "bytes": len(made.body),
        }
        sys.stderr.write(json.dumps(line) + "\n")
        sys.stderr.flush()


async def _linger(request: Request, receive: Receive) -> None:
    if request.headers.get(b"expect", b"").lower() == b"100-continue":
        return  # nothing was sent yet, and to ask for more would invite it
    end = time.monotonic() + _LINGER_SECONDS
    while time.monotonic() < end:
        try:
            message = await asyncio.wait_for(receive(), _LINGER_IDLE_SECONDS)
        except asyncio.TimeoutError:
            return
        if message["type"] != "http.request" or not message.get("more_body"):
            return
