"""Kept connections to workers, over httptools' parser.

A general HTTP client spends 0.2 ms of processor time on a small request, about as much as a worker needs
to answer it; this spends a fifth of that. It also knows what a general client does not tell: whether a
request can have reached the worker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import httptools

from mlstack_local.gateway.body import Body
from mlstack_local.gateway.http import Headers

#: A worker must not close a connection that is about to be used: gunicorn keeps one 2 s, uvicorn and Node 5,
#: mlstack's own 1 s after it was told to end.
IDLE_SECONDS = 0.5
#: An answer that is longer, or does not tell its length, is passed on as it comes.
WHOLE_BYTES = 1 << 20
_CONNECT_SECONDS = 5.0


class Unreachable(Exception):  # noqa: N818
    """Nobody listens there: the request was not sent."""


class Broken(Exception):  # noqa: N818
    """The connection ended before the answer was whole; the request may have been worked on."""


class Reply:
    """``stream`` where the body is passed on as it comes; ``body`` is empty then."""

    __slots__ = ("body", "headers", "status", "stream")

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self.body = b""
        self.stream: Body | None = None


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._seconds = 0.0
        self._reply = Reply()
        self._chunks: list[bytes] = []
        self._bodiless = False
        self._in_body = False
        self._ends_with_connection = False
        self._complete = True

    async def ask(self, request: bytes, seconds: float, bodiless: bool) -> Reply:
        """Raises Broken, TimeoutError. ``bodiless``: the answer to a HEAD, whose length is of no body."""
        self._bodiless, self._seconds, self._complete = bodiless, seconds, False
        self._waiting = waiting = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._fail, TimeoutError())
        try:
            self._transport.write(request)
            reply: Reply = await waiting
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self._waiting = None
        if reply.stream is not None and self._complete:  # it came all at once
            reply.body, reply.stream = await reply.stream.read(), None
        return reply

    def close(self) -> None:
        self.closed = True
        self._transport.close()

    # Called by the event loop.

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._complete:  # nobody has asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.close()
            self._fail(Broken(f"the worker's answer is no HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self._ends_with_connection and error is None:
            self.on_message_complete()
        self._fail(Broken("the worker ended while it worked on this request"))

    # Called by the parser.

    def on_message_begin(self) -> None:
        if self._complete:  # a second answer to one request
            self.close()
            return
        self._reply, self._chunks = Reply(), []
        self._in_body = self._ends_with_connection = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_body:  # else it is a trailer
            self._reply.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if self._complete or status < 200:
            return
        self._in_body = True
        self._reply.status = status
        named = dict(self._reply.headers)
        self._ends_with_connection = not named.keys() & {b"content-length", b"transfer-encoding"}
        if self._bodiless:
            self.closed = True
            self.on_message_complete()
            return
        length = int(named[b"content-length"]) if b"content-length" in named else None
        # What turns a request away is needed whole: it may be sent to another worker then.
        if status not in (204, 304, 429, 503) and (length is None or length > WHOLE_BYTES):
            self._reply.stream = Body(self._transport, self.close, self._seconds, length)
            self._resolve()

    def on_body(self, body: bytes) -> None:
        if self._reply.stream is not None:
            self._reply.stream.feed(body)
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        if self._complete or self._parser.get_status_code() < 200:
            return
        self._complete = True
        if not self._parser.should_keep_alive():
            self.closed = True
        if self.closed:
            self._transport.close()
        if self._reply.stream is not None:
            self._reply.stream.end()
            return
        self._reply.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._resolve()

    def _resolve(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._reply)

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        elif self._reply.stream is not None:
            self._reply.stream.end(error)


class Pool:
    """Connections by the worker's port; the one used last is taken first."""

    def __init__(self) -> None:
        self._idle: dict[int, deque[Connection]] = {}

    async def ask(self, port: int, request: bytes, seconds: float, bodiless: bool = False) -> Reply:
        """Raises Unreachable, Broken, TimeoutError."""
        connection = self._take(port) or await _connect(port)
        reply = await connection.ask(request, seconds, bodiless)
        if reply.stream is None:
            self._keep(port, connection)
        else:
            reply.stream.on_close(lambda: self._keep(port, connection))
        return reply

    def _keep(self, port: int, connection: Connection) -> None:
        now = asyncio.get_running_loop().time()
        idle = self._idle.setdefault(port, deque())
        while idle and (idle[0].closed or idle[0].idle_since < now - IDLE_SECONDS):
            idle.popleft().close()
        if not connection.closed:
            connection.idle_since = now
            idle.append(connection)

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
