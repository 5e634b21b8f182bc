"""Connections from callers, over httptools' parser.

A general server spends as much processor time on a small request as the gateway needs for all the rest, puts
no limit on the head of a request, and does not tell of a caller that has hung up.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections import deque
from email.utils import formatdate
from http import HTTPStatus
from time import perf_counter
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

import httptools

from mlstack_local.gateway import head
from mlstack_local.gateway.body import Body
from mlstack_local.gateway.connection import Broken
from mlstack_local.gateway.http import Answer, Headers, Request, refusal

log = logging.getLogger(__name__)

HEAD_LIMIT = 64 << 10
#: Seconds without a request, for the head of one, without a byte of a body or of an answer that is taken.
IDLE_SECONDS, HEAD_SECONDS, STALLED_SECONDS = 75.0, 30.0, 60.0
#: A connection that is given up is read on for so long, else its answer could be lost with what was sent.
_DISCARD_SECONDS = 5.0
_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class App(Protocol):
    """What answers."""

    @property
    def body_limit(self) -> int:
        """Bytes that a body may have."""

    def refuse(self, request: Request) -> Answer | None:
        """The refusal of a request by its head, before its body is read."""

    async def answer(self, request: Request) -> Answer:
        """Cancelled when the caller hangs up."""

    def ended(self, request: Request, answer: Answer) -> None:
        """The answer has been given; one of 499 to a caller that had hung up."""


class Front(asyncio.Protocol):
    """One caller's connection: its requests one after the other, pipelined ones too."""

    def __init__(self, app: App, connections: set[Front]) -> None:
        self._app = app
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._waiting: deque[tuple[Request, Answer | None]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False  # after the answer that is being made
        self._discarding = False
        self._owes_continue = False
        #: While the parser is fed with the head of a request that it has stopped in.
        self._resuming = False
        self._active = perf_counter()
        self._unsent = 0
        self._taken: asyncio.Future[None] | None = None
        self._reset()

    def _reset(self) -> None:
        self._url = b""
        self._headers: Headers = []
        self._size = 0
        self._chunks: list[bytes] = []
        self._request: Request | None = None
        self._refusal: Answer | None = None
        self._wrong = False
        self._reading = False

    @property
    def busy(self) -> bool:
        return self._task is not None or self._reading

    def drain(self) -> None:
        """Close after the request that is here or on its way; the caller of an idle one is let go later."""
        self._closing = True

    def close(self) -> None:
        self._transport.close()

    def look(self, now: float) -> None:
        """Called every second or so: let go of a caller that keeps us waiting."""
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._active = unsent, now
        quiet = now - self._active
        if self._discarding:
            return
        if unsent:
            if quiet > STALLED_SECONDS:
                self._transport.abort()
        elif self._task is None and not self._reading and quiet > IDLE_SECONDS:
            self.close()
        elif self._reading and quiet > (HEAD_SECONDS if self._request is None else STALLED_SECONDS):
            self._give_up(refusal(408, "the request did not come in time"))

    # Called by the event loop.

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._discarding:
            return
        # The head has a time limit as a whole, a body only between its parts.
        if self._request is not None or not self._reading:
            self._active = perf_counter()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if not self._wrong:
                self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._give_up(refusal(400, f"that is no HTTP request: {error}"))

    def _stay(self, data: bytes) -> None:
        """Go on with HTTP/1.1 where a caller would rather have HTTP/2, as Java's client asks each time.

        The parser has stopped at the end of the head, so another one reads the body.
        """
        self._parser = httptools.HttpRequestParser(self)
        if self._reading and (framing := head.framing(self._headers)):
            self._resuming = True
            self._parser.feed_data(framing)
        self.data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        self._discarding = True
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._taken = self._loop.create_future()
        self._transport.pause_reading()  # who does not take answers may not ask for more

    def resume_writing(self) -> None:
        taken, self._taken = self._taken, None
        if taken is not None and not taken.done():
            taken.set_result(None)
        self._transport.resume_reading()

    # Called by the parser.

    def on_message_begin(self) -> None:
        if self._resuming:
            return
        self._reset()
        self._reading = True
        self._active = perf_counter()

    def on_url(self, url: bytes) -> None:
        if self._resuming:
            return
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._resuming:
            return
        if self._request is None:  # else it is a trailer
            self._headers.append((name.lower(), value))
        self._count(len(name) + len(value) + 4)

    def on_headers_complete(self) -> None:
        if self._resuming:
            self._resuming = False
            return
        if self._discarding:
            return
        path, _, _ = self._url.partition(b"?")
        named = dict(self._headers)
        given = named.get(b"x-request-id", b"")
        is_given = bool(_REQUEST_ID.fullmatch(given))
        self._request = request = Request(
            self._parser.get_method().decode(),
            self._url,
            (unquote_to_bytes(path) if b"%" in path else path).decode(errors="replace"),
            self._headers,
            named,
            given if is_given else os.urandom(12).hex().encode(),
            is_given,
            time.time(),
            perf_counter(),
            version=self._parser.get_http_version(),
        )
        self._size = 0
        self._refusal = self._refuse(request)
        length = named.get(b"content-length")
        long = length is not None and int(length) > HEAD_LIMIT
        if self._refusal is not None and (long or b"expect" in named):
            self._give_up(self._refusal)
        elif named.get(b"expect", b"").lower() == b"100-continue" and request.version == "1.1":
            self._owes_continue = True
            self._ask_for_body()

    def _ask_for_body(self) -> None:
        """Once what was asked before is answered: nothing may come between the parts of an answer."""
        if self._owes_continue and self._task is None and not self._waiting:
            self._owes_continue = False
            self._transport.write(_CONTINUE)

    def _refuse(self, request: Request) -> Answer | None:
        wrong = head.wrong(request)
        if wrong is not None:
            self._wrong = self._closing = True
            return wrong
        refused = self._app.refuse(request)
        if refused is None and int(request.named.get(b"content-length", 0)) > self._app.body_limit:
            return self._too_large()
        return refused

    def _too_large(self) -> Answer:
        return refusal(413, f"the body is longer than the limit of {self._app.body_limit} bytes")

    def on_body(self, body: bytes) -> None:
        if self._refusal is not None or self._discarding:
            return
        self._size += len(body)
        if self._size > self._app.body_limit:
            self._give_up(self._too_large())
            return
        self._chunks.append(body)

    def on_message_complete(self) -> None:
        request = self._request
        if self._parser.should_upgrade() and not self._wrong and head.framing(self._headers):
            return  # its body comes yet
        self._reading = self._owes_continue = False
        if request is None or self._discarding:
            return
        request.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks = []
        if not self._parser.should_keep_alive():
            self._closing = True
        if self._task is not None:
            self._transport.pause_reading()  # one that does not wait for answers
        self._waiting.append((request, self._refusal))
        self._next()

    def _count(self, size: int) -> None:
        self._size += size
        if self._request is None and self._size > HEAD_LIMIT and not self._discarding:
            self._give_up(refusal(431, f"the head of the request is over {HEAD_LIMIT >> 10} KiB"))

    # The answers.

    def _next(self) -> None:
        while self._waiting and self._task is None:
            request, refused = self._waiting.popleft()
            if refused is None:
                self._task = self._loop.create_task(self._serve(request))
            else:
                self._reply(request, refused)
        if self._task is not None:
            return
        if self._closing:
            self._transport.close()
        elif not self._discarding:
            self._ask_for_body()
            self._transport.resume_reading()

    async def _serve(self, request: Request) -> None:
        try:
            answer = await self._app.answer(request)
            if answer.stream is not None:
                await self._pass_on(request, answer, answer.stream)
        except asyncio.CancelledError:
            self._app.ended(request, Answer(499, [], b"", request.deployment))
            return
        except Exception:
            log.exception("request %s", request.id.decode())
            answer = refusal(500, "the gateway failed; its log has the cause")
        finally:
            self._task = None
        if answer.stream is None:
            self._reply(request, answer)
        self._next()

    async def _pass_on(self, request: Request, answer: Answer, stream: Body) -> None:
        """An answer as it comes. One that breaks off ends the connection, so that its caller can tell."""
        is_chunked = stream.length is None and request.version == "1.1"
        if stream.length is not None:
            framing = b"content-length: %d\r\n" % stream.length
        else:
            framing = b"transfer-encoding: chunked\r\n" if is_chunked else b""
        self._closing = self._closing or not framing
        try:
            self._transport.write(self._head(answer, request.id, self._closing, framing))
            while data := await stream.read():
                self._active = perf_counter()
                self._transport.write(b"%x\r\n%s\r\n" % (len(data), data) if is_chunked else data)
                if self._taken is not None:
                    await self._taken
            if is_chunked:
                self._transport.write(b"0\r\n\r\n")
        except (Broken, TimeoutError) as error:
            log.warning("request %s: its answer broke off: %s", request.id.decode(), error or "no more came")
            answer.status = 502
            self._closing = self._discarding = True
            self._waiting.clear()
            if not framing:
                self._transport.abort()  # whose end is the end of the connection, which must look like none
        except asyncio.CancelledError:
            answer.status = 499
        finally:
            stream.close()
            self._app.ended(request, answer)

    def _reply(self, request: Request, answer: Answer) -> None:
        last = self._closing and not self._waiting
        self._write(answer, request.method, request.id, last)
        self._app.ended(request, answer)

    def _write(self, answer: Answer, method: str, request_id: bytes, last: bool) -> None:
        bodiless = method == "HEAD" or answer.status in (204, 304)
        framing = b"" if bodiless else b"content-length: %d\r\n" % len(answer.body)
        written = self._head(answer, request_id, last, framing)
        self._transport.write(written if bodiless else written + answer.body)

    def _head(self, answer: Answer, request_id: bytes, last: bool, framing: bytes) -> bytes:
        self._active = perf_counter()
        parts = [_STATUS_LINES.get(answer.status) or b"HTTP/1.1 %d \r\n" % answer.status]
        parts += [b"%s: %s\r\n" % header for header in answer.headers]
        if last:
            parts.append(b"connection: close\r\n")
        parts.append(
            b"%sx-request-id: %s\r\nx-mlstack-deployment: %s\r\n%s\r\n"
            % (framing, request_id, answer.deployment.encode(), _date())
        )
        return b"".join(parts)

    def _give_up(self, answer: Answer) -> None:
        """Answer a request that is not read to its end, and close."""
        request = self._request or _unread()
        self._reading, self._discarding = False, True
        if self._task is not None or self._waiting:  # what is answered before it goes first
            self._closing = True
            self._waiting.append((request, answer))
            return
        self._write(answer, request.method, request.id, last=True)
        self._app.ended(request, answer)
        self._transport.write_eof()
        self._loop.call_later(_DISCARD_SECONDS, self._transport.abort)


def _unread() -> Request:
    """Stands for a request whose head is not known."""
    return Request("-", b"", "-", [], {}, os.urandom(12).hex().encode(), False, time.time(), perf_counter())


_dated: tuple[int, bytes] = (0, b"")


def _date() -> bytes:
    global _dated
    now = int(time.time())
    if now != _dated[0]:
        _dated = now, b"date: %s\r\n" % formatdate(now, usegmt=True).encode()
    return _dated[1]
