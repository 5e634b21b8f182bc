"""Request and answer: the little of HTTP that handlers see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from mlstack_serving.codec import dumps
from mlstack_serving.errors import BadInput, NotAcceptable, TooLarge, TooSlow, WrongType

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON = "application/json"
CSV = "text/csv"
NPY = "application/x-npy"
CLOSE = {"connection": "close"}


class Answer(NamedTuple):
    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()


def answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, dumps(value))


class Disconnected(Exception):
    """The caller went away before its request was whole."""


class Request:
    """One request; ``content_type`` is the media type in lower case, "" where the caller gave none.
    ``whole``: its body, once it is there."""

    __slots__ = ("_receive", "content_type", "headers", "parameters", "whole")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self.whole: bytes | None = None
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        media, _, rest = self.headers.get(b"content-type", b"").decode("latin-1").partition(";")
        self.content_type = media.strip().lower()
        self.parameters = rest

    def parameter(self, name: str) -> str | None:
        """A parameter of the content type, as in ``text/csv; header=present``."""
        for part in self.parameters.split(";"):
            key, _, value = part.partition("=")
            if key.strip().lower() == name:
                return value.strip().strip('"').lower()
        return None

    def accept(self, *types: str) -> str:
        """The type of the body, one of ``types`` (the first, where none was given)."""
        encoding = self.headers.get(b"content-encoding", b"identity").lower()
        if encoding != b"identity":
            raise WrongType(
                f"content-encoding {encoding.decode('latin-1')!r} is not offered", "content-encoding"
            )
        charset = self.parameter("charset")
        if charset not in (None, "utf-8", "utf8", "us-ascii"):
            raise WrongType(f"charset {charset!r} is not offered; send UTF-8", "content-type")
        if not self.headers.get(b"content-type", b"").strip():
            return types[0]
        if self.content_type not in types:
            raise WrongType(
                f"{self.content_type!r} is not offered here; send {' or '.join(types)}", "content-type"
            )
        return self.content_type

    def accepted(self, *types: str) -> str:
        """The first of ``types`` that the caller likes best, by its Accept header."""
        header = self.headers.get(b"accept", b"").decode("latin-1").lower()
        ranges = [_range(item) for item in header.split(",") if item.strip()]
        if not ranges:
            return types[0]
        best, quality = "", 0.0
        for kind in types:
            liked = _quality(kind, ranges)
            if liked > quality:
                best, quality = kind, liked
        if not best:
            raise NotAcceptable(f"{header!r} cannot be given; ask for {' or '.join(types)}", "accept")
        return best

    async def body(self, limit: int, seconds: float) -> bytes:
        """The whole body. TooLarge before it is read where its length is declared, else as it passes;
        TooSlow where it is not there after ``seconds``. Both end the connection."""
        length = self.headers.get(b"content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            raise TooLarge(f"the body has {int(length)} bytes, the limit is {limit}", "body", CLOSE)
        task = asyncio.current_task()
        assert task is not None
        late = False

        def end() -> None:
            nonlocal late
            late = True
            task.cancel()

        timer = asyncio.get_running_loop().call_later(seconds, end)
        try:
            whole = await self._read(limit)
        except asyncio.CancelledError:
            if not late:
                raise
            if hasattr(task, "uncancel"):  # from Python 3.11 on
                task.uncancel()
            raise TooSlow(f"the body was not there after {seconds:g} s", "body", CLOSE) from None
        finally:
            timer.cancel()
        if not whole:
            raise BadInput("the body is empty", "body")
        self.whole = whole
        return whole

    async def _read(self, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise Disconnected
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise TooLarge(f"the body is longer than the limit of {limit} bytes", "body", CLOSE)
            if not message.get("more_body") and not parts:
                return bytes(part)
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)


def _range(item: str) -> tuple[str, float]:
    """A media range and how much it is liked, of an Accept header."""
    kind, *parameters = (part.strip() for part in item.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return kind, float(parameter[2:])
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    wider = (kind, kind.partition("/")[0] + "/*", "*/*")
    found = dict(ranges)
    return next((found[name] for name in wider if name in found), 0.0)
