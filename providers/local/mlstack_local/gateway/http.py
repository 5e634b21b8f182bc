"""What the gateway knows of a request and of an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mlstack_local.gateway.body import Body
from mlstack_local.gateway.totals import NONE

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Request:
    """``target`` as it came, ``path`` without escapes and query; header names are in lower case.

    ``named`` are the headers by name. ``arrived`` in epoch seconds, ``started`` by `time.perf_counter`, both
    when the head was there. ``given``: its id is the caller's. ``deployment`` is known once it is chosen.
    ``version`` is that of HTTP.
    """

    method: str
    target: bytes
    path: str
    headers: Headers
    named: dict[bytes, bytes]
    id: bytes
    given: bool
    arrived: float
    started: float
    body: bytes = b""
    deployment: str = NONE
    version: str = "1.1"


@dataclass(slots=True)
class Answer:
    """``deployment`` is the one that the request went to, `NONE` when it was refused before.

    ``worker`` is the port of the one that answered, 0 where the gateway itself did; ``seconds`` is how long
    it took, ``retries`` how often the request was sent before. ``own``: a page of the gateway, no traffic.
    ``stream`` is a body that is passed on as it comes, and closed by whoever does so; ``body`` is empty then.
    """

    status: int
    headers: Headers
    body: bytes
    deployment: str = NONE
    generation: str = ""
    worker: int = 0
    seconds: float = 0.0
    retries: int = 0
    own: bool = False
    stream: Body | None = None

    @property
    def size(self) -> int:
        """Bytes of the body; of a stream, those that have been passed on."""
        return len(self.body) if self.stream is None else self.stream.size

    @property
    def begins(self) -> bytes:
        """The body; of a stream no more than captures want."""
        return self.body if self.stream is None else bytes(self.stream.kept)


def end_to_end(headers: Headers, besides: frozenset[bytes]) -> Headers:
    """Without those that are of one connection only, and those that are in ``besides``.

    An underscore counts as a hyphen: servers that hand headers on as variables (WSGI) do not tell them apart.
    """
    of_connection = {
        name.strip().lower() for key, value in headers if key == b"connection" for name in value.split(b",")
    }
    return [
        header
        for header in headers
        if header[0].replace(b"_", b"-") not in besides and header[0] not in of_connection
    ]


def refusal(status: int, message: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An error as JSON, in the shape of the workers' own."""
    return document(status, {"error": message}, *headers)


def document(status: int, value: Any, *headers: tuple[bytes, bytes]) -> Answer:
    body = json.dumps(value).encode()
    return Answer(status, [(b"content-type", b"application/json"), *headers], body)
