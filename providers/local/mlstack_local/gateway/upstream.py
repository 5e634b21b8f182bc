"""Ask a worker, and ask again where that cannot do a thing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from time import perf_counter

from mlstack_local.gateway.connection import Broken, Pool, Unreachable
from mlstack_local.gateway.http import Answer, Headers, end_to_end, refusal
from mlstack_local.gateway.routing import Route

#: A worker that was killed is started again within seconds: its requests wait that long.
PATIENCE = 15.0
_PAUSE, _LONGEST_PAUSE = 0.03, 0.25
_READY_SECONDS = 2.0
_SOON = (b"retry-after", b"1")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_FORWARDED = frozenset(
    b"host connection keep-alive transfer-encoding content-length upgrade te trailer expect "
    b"authorization proxy-authorization proxy-connection x-mlstack-deployment x-request-id".split()
)
_NOT_RETURNED = frozenset(
    b"connection keep-alive transfer-encoding content-length date server x-request-id".split()
)


class Upstream:
    def __init__(self) -> None:
        self.busy: Counter[int] = Counter()
        self._pool = Pool()
        self._change = asyncio.Event()
        self._unsettled: dict[str, float] = {}

    def changed(self) -> None:
        """Routes are others than before: those who wait for a worker look again."""
        self._change.set()
        self._change = asyncio.Event()

    def close(self) -> None:
        self._pool.close()

    def forget(self, ports: set[int]) -> None:
        self._pool.forget(ports)

    async def forward(
        self,
        find: Callable[[], Route | None],
        method: str,
        target: bytes,
        headers: Headers,
        body: bytes,
        request_id: bytes,
    ) -> Answer:
        """The answer of a worker of the route.

        ``find`` gives the route as it is now: while a request waits, its workers may be replaced. A
        request is sent again only when it never got to a worker, when the worker was not ready, or when
        its method has no effects. All that waited for a worker meet it at once when it is up: what it turns
        away then is sent again too. ``timeout`` is for the head of the answer, and for each pause in a body
        that is passed on as it comes. While a scaled deployment sleeps its requests are held, as long as an
        answer may take; the answer itself then has that long again.
        """
        loop = asyncio.get_running_loop()
        request = _request(method, target, headers, body, request_id)
        started = loop.time()
        deadline = 0.0
        attempt = 0
        while True:
            route = find()
            if route is None:
                return refusal(503, "this deployment is there no more", _SOON)
            port = route.next_worker()
            if port is None:
                if route.scaled and await self._changes(started + route.timeout):
                    continue
                answer, again = refusal(503, _no_worker(route), _SOON), False
            else:
                answer, again = await self._try(port, route, request, method)
            answer.deployment, answer.retries = route.name, attempt
            now = loop.time()
            if again and answer.status == 503:
                self._unsettled[route.name] = now + PATIENCE
            elif answer.status == 429:
                again = now < self._unsettled.get(route.name, 0.0)
            deadline = deadline or now + min(PATIENCE, route.timeout)
            if not again or now >= deadline:
                return answer
            attempt += 1
            if attempt % len(route.workers) == 0:
                await asyncio.sleep(min(_PAUSE * attempt, _LONGEST_PAUSE))

    async def _try(self, port: int, route: Route, request: bytes, method: str) -> tuple[Answer, bool]:
        """An answer, and whether the request may be sent again for a better one."""
        try:
            answer = await self._ask(port, route, request, method == "HEAD")
        except Unreachable:
            return refusal(503, "no worker can be reached", _SOON), True
        except TimeoutError:
            return refusal(504, f"the deployment did not answer within {route.timeout:g} s"), False
        except Broken as broken:
            return refusal(502, str(broken)), method in _SAFE
        return answer, answer.status == 503 and method == "POST"

    async def ready(self, port: int, path: str = "/v2/health/ready") -> bool:
        """Whether a worker says so, at once."""
        request = _request("GET", path.encode(), [], b"", b"-")
        try:
            return (await self._pool.ask(port, request, _READY_SECONDS)).status == 200
        except (Unreachable, Broken, TimeoutError):
            return False

    async def _changes(self, deadline: float) -> bool:
        """Wait for other routes; False when the deadline passes first."""
        try:
            async with asyncio.timeout_at(deadline):
                await self._change.wait()
        except TimeoutError:
            return False
        return True

    async def _ask(self, port: int, route: Route, request: bytes, bodiless: bool) -> Answer:
        self.busy[port] += 1
        started = perf_counter()
        try:
            reply = await self._pool.ask(port, request, route.timeout, bodiless)
        except BaseException:
            self._let_go(port)
            raise
        answer = Answer(reply.status, end_to_end(reply.headers, _NOT_RETURNED), reply.body)
        answer.worker, answer.generation, answer.stream = port, route.generation, reply.stream

        def given() -> None:
            self._let_go(port)
            answer.seconds = perf_counter() - started

        if answer.stream is None:
            given()
        else:
            answer.stream.on_close(given)
        return answer

    def _let_go(self, port: int) -> None:
        self.busy[port] -= 1
        if not self.busy[port]:
            del self.busy[port]


def _no_worker(route: Route) -> str:
    if route.scaled:
        return f"no worker of this deployment was up within {route.timeout:g} s"
    return "no worker of this deployment is ready"


def _request(method: str, target: bytes, headers: Headers, body: bytes, request_id: bytes) -> bytes:
    lines = [b"%s %s HTTP/1.1\r\nhost: localhost\r\n" % (method.encode(), target)]
    lines += [b"%s: %s\r\n" % header for header in end_to_end(headers, _NOT_FORWARDED)]
    if body or method not in _SAFE:
        lines.append(b"content-length: %d\r\n" % len(body))
    lines.append(b"x-request-id: %s\r\n\r\n" % request_id)
    lines.append(body)
    return b"".join(lines)
