"""The little of HTTP that the gateway needs over plain ASGI."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlstack_local.gateway.totals import NONE

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Answer:
    """``deployment`` is the one that the request went to, `NONE` when it was refused before.

    ``worker`` is the port of the one that answered, 0 where the gateway itself did; ``seconds`` is how long
    it took, ``retries`` how often the request was sent before, ``received`` the size of its body.
    """

    status: int
    headers: Headers
    body: bytes
    deployment: str = NONE
    generation: str = ""
    worker: int = 0
    seconds: float = 0.0
    retries: int = 0
    received: int = 0


def refusal(status: int, message: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An error as JSON, in the shape of the workers' own."""
    return document(status, {"error": message}, *headers)


def document(status: int, value: Any, *headers: tuple[bytes, bytes]) -> Answer:
    body = json.dumps(value).encode()
    return Answer(status, [(b"content-type", b"application/json"), *headers], body)


class TooLarge(Exception):  # noqa: N818
    pass


class Gone(Exception):  # noqa: N818
    """The caller has hung up."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises TooLarge, Gone."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge
        if not message.get("more_body") and not chunks:
            return bytes(chunk)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def send_answer(send: Send, answer: Answer, *headers: tuple[bytes, bytes]) -> None:
    head = [*answer.headers, (b"content-length", str(len(answer.body)).encode()), *headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": head})
    await send({"type": "http.response.body", "body": answer.body})
