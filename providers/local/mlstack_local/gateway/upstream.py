"""Ask a worker, and ask again where that cannot do a thing twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import aiohttp
from yarl import URL

from mlstack_local.gateway.http import Answer, Headers, refusal
from mlstack_local.gateway.routing import Route

#: A worker that was killed is started again within seconds: its requests wait that long.
PATIENCE = 15.0
_PAUSE, _LONGEST_PAUSE = 0.03, 0.25
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
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[tuple[int, bytes], URL] = {}

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            # Shorter than a worker's 75 s: a worker must not close a connection that is about to be used.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def forward(
        self,
        find: Callable[[], Route | None],
        method: str,
        target: bytes,
        headers: Headers,
        body: bytes,
        request_id: str,
    ) -> Answer:
        """The answer of a worker of the route.

        ``find`` gives the route as it is now: while a request waits, its workers may be replaced. A
        request is sent again only when it never got to a worker, when the worker was not ready, or when
        its method has no effects.
        """
        loop = asyncio.get_running_loop()
        given = _forwarded(headers, request_id)
        deadline = 0.0
        attempt = 0
        while True:
            route = find()
            port = route.next_worker() if route else None
            if route is None or port is None:
                return refusal(503, "this deployment has no workers", (b"retry-after", b"1"))
            try:
                answer = await self._ask(port, route, method, target, given, body)
                if answer.status != 503 or method != "POST":
                    return answer
            except aiohttp.ClientConnectorError:
                answer = refusal(503, "no worker can be reached", (b"retry-after", b"1"))
            except TimeoutError:
                answer = refusal(504, f"the deployment did not answer within {route.timeout:g} s")
                answer.deployment = route.name
                return answer
            except (aiohttp.ClientError, OSError):
                answer = refusal(502, "the worker ended while it worked on this request")
                if method not in _SAFE:
                    answer.deployment = route.name
                    return answer
            answer.deployment = route.name
            now = loop.time()
            deadline = deadline or now + min(PATIENCE, route.timeout)
            if now >= deadline:
                return answer
            attempt += 1
            if attempt % len(route.workers) == 0:
                await asyncio.sleep(min(_PAUSE * attempt, _LONGEST_PAUSE))

    async def ready(self, port: int) -> bool:
        """Whether a worker says so, at once."""
        assert self._session is not None
        limit = aiohttp.ClientTimeout(total=2)
        try:
            async with self._session.get(f"http://127.0.0.1:{port}/v2/health/ready", timeout=limit) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False

    async def _ask(
        self, port: int, route: Route, method: str, target: bytes, headers: list[tuple[str, str]], body: bytes
    ) -> Answer:
        assert self._session is not None
        self.busy[port] += 1
        try:
            async with self._session.request(
                method,
                self._url(port, target),
                data=body or None,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=route.timeout),
            ) as answer:
                content = await answer.read()
                kept = [(name.lower(), value) for name, value in answer.raw_headers]
                return Answer(
                    answer.status,
                    [(name, value) for name, value in kept if name not in _NOT_RETURNED],
                    content,
                    route.name,
                )
        finally:
            self.busy[port] -= 1
            if not self.busy[port]:
                del self.busy[port]

    def _url(self, port: int, target: bytes) -> URL:
        """Parsing a URL costs as much as the rest of a small request, and few are different."""
        url = self._urls.get((port, target))
        if url is None:
            if len(self._urls) > 1000:
                self._urls.clear()
            url = URL(f"http://127.0.0.1:{port}{target.decode('latin-1')}", encoded=True)
            self._urls[port, target] = url
        return url


def _forwarded(headers: Headers, request_id: str) -> list[tuple[str, str]]:
    kept = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers if n not in _NOT_FORWARDED]
    return [*kept, ("x-request-id", request_id)]
