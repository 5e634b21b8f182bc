"""Request and answer: the little of HTTP that handlers see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from mlstack_serving.codec import dumps
from mlstack_serving.errors import BadInput, TooLarge, WrongType

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON = "application/json"
CSV = "text/csv"


class Answer(NamedTuple):
    status: int
    body: bytes
    content_type: str = JSON


def answer(value: Any, status: int = 200) -> Answer:
    return Answer(status, dumps(value))


class Disconnected(Exception):
    """The caller went away before its request was whole."""


class Request:
    """One request; ``content_type`` is the media type in lower case, "" where the caller gave none."""

    __slots__ = ("_receive", "content_type", "headers", "parameters")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
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
        if not self.content_type:
            return types[0]
        if self.content_type not in types:
            raise WrongType(
                f"{self.content_type!r} is not offered here; send {' or '.join(types)}", "content-type"
            )
        return self.content_type

    async def body(self, limit: int) -> bytes:
        """The whole body; TooLarge before it is read where its length is declared, else as it passes."""
        length = self.headers.get(b"content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            raise TooLarge(f"the body has {int(length)} bytes, the limit is {limit}", "body")
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            whole = message.get("body", b"")
        else:
            parts, size = [], 0
            while True:
                if message["type"] != "http.request":
                    raise Disconnected
                size += len(message.get("body", b""))
                if size > limit:
                    raise TooLarge(f"the body is longer than the limit of {limit} bytes", "body")
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    break
                message = await self._receive()
            whole = b"".join(parts)
        if len(whole) > limit:
            raise TooLarge(f"the body has {len(whole)} bytes, the limit is {limit}", "body")
        if not whole:
            raise BadInput("the body is empty", "body")
        return bytes(whole)
