"""The ASGI application: a lookup in the contract's table, errors as JSON, ids, metrics, access log.

Plain ASGI: a server has one model and so a handful of fixed paths, and every layer above a dictionary
would cost requests per second.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time

from mlstack_serving.contracts import CONTRACTS, Handler
from mlstack_serving.errors import NotFound, Refusal, UsageError, WrongMethod
from mlstack_serving.http import Answer, Disconnected, Receive, Request, Scope, Send, answer
from mlstack_serving.runtime import Runtime

log = logging.getLogger("mlstack_serving")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


class App:
    def __init__(self, runtime: Runtime) -> None:
        config = runtime.config
        if config.contract not in CONTRACTS:
            raise UsageError(f"--contract {config.contract!r}: one of {', '.join(CONTRACTS)}")
        self._runtime = runtime
        self._access_log = config.access_log
        self._routes: dict[str, dict[str, Handler]] = {}
        for method, path, handler in CONTRACTS[config.contract]:
            handlers = self._routes.setdefault(path.format(model=config.name), {})
            handlers[method] = handler
            if method == "GET":
                handlers["HEAD"] = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not offered")
        started = time.perf_counter()
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
            start += [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": made.status, "headers": start})
            await send({"type": "http.response.body", "body": made.body})
        except Disconnected:
            return
        finally:
            metrics.in_flight -= 1
        seconds = time.perf_counter() - started
        path = scope["path"]
        metrics.observe(path if path in self._routes else "other", made.status, seconds)
        if self._access_log:
            self._write_access(scope, made, request_id.decode(), seconds)

    async def _answer(self, scope: Scope, request: Request, request_id: str) -> tuple[Answer, dict[str, str]]:
        try:
            return await self._handler(scope)(self._runtime, request), {}
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
        if parts[1:3] == ["v2", "models"] and len(parts) > 3 and parts[3] != name:
            return f"there is no model {parts[3]!r} here; this server has {name!r}"
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
