"""Kept connections to workers, over httptools' parser.

A general HTTP client spends 0.2 ms of processor time on a small request, about as much as a worker needs
to answer it; this spends a fifth of that. It also knows what a general client does not tell: whether a
request can have reached the worker.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools

from mlstack_local.gateway.http import Headers

#: Shorter than a worker's 75 s: a worker must not close a connection that is about to be used.
IDLE_SECONDS = 60.0
_CONNECT_SECONDS = 5.0


class Unreachable(Exception):  # noqa: N818
    """Nobody listens there: the request was not sent."""


class Broken(Exception):  # noqa: N818
    """The connection ended before the answer was whole; the request may have been worked on."""


class Reply:
    __slots__ = ("body", "headers", "status")

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.body = b""


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._reply = Reply()
        self._chunks: list[bytes] = []
        self._bodiless = False
        self._ends_with_connection = False

    async def ask(self, request: bytes, seconds: float, bodiless: bool) -> Reply:
        """Raises Broken, TimeoutError. ``bodiless``: the answer to a HEAD, whose length is of no body."""
        self._bodiless = bodiless
        self._waiting = waiting = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._fail, TimeoutError())
        try:
            self._transport.write(request)
            reply: Reply = await waiting
            return reply
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self._waiting = None

    def close(self) -> None:
        self.closed = True
        self._transport.close()

    # Called by the event loop.

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(Broken(f"the worker's answer is no HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self._ends_with_connection:
            self.on_message_complete()
        self._fail(Broken("the worker ended while it worked on this request"))

    # Called by the parser.

    def on_message_begin(self) -> None:
        self._reply, self._chunks, self._ends_with_connection = Reply(), [], False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._reply.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        names = {name for name, _ in self._reply.headers}
        self._ends_with_connection = not names & {b"content-length", b"transfer-encoding"}
        if self._bodiless:
            self.closed = True
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or self._waiting is None or self._waiting.done():
            return
        self._reply.status = status
        self._reply.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        if not self._parser.should_keep_alive():
            self.closed = True
        if self.closed:
            self._transport.close()
        self._waiting.set_result(self._reply)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)


class Pool:
    """Connections by the worker's port; the one used last is taken first."""

    def __init__(self) -> None:
        self._idle: dict[int, list[Connection]] = {}

    async def ask(self, port: int, request: bytes, seconds: float, bodiless: bool = False) -> Reply:
        """Raises Unreachable, Broken, TimeoutError."""
        connection = self._take(port) or await _connect(port)
        reply = await connection.ask(request, seconds, bodiless)
        if not connection.closed:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.setdefault(port, []).append(connection)
        return reply

    def close(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def forget(self, ports: set[int]) -> None:
        """Close what is kept to workers that are used no more."""
        for port in ports & self._idle.keys():
            for connection in self._idle.pop(port):
                connection.close()

    def _take(self, port: int) -> Connection | None:
        connections = self._idle.get(port)
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while connections:
            connection = connections.pop()
            if not connection.closed and connection.idle_since > oldest:
                return connection
            connection.close()
        return None


async def _connect(port: int) -> Connection:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
    except OSError as error:  # TimeoutError is one
        raise Unreachable(str(error)) from error
    return connection
