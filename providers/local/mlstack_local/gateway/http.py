"""What the gateway knows of a request and of an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mlstack_local.gateway.totals import NONE

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Request:
    """``target`` as it came, ``path`` without escapes and query; header names are in lower case.

    ``named`` are the headers by name. ``arrived`` in epoch seconds, ``started`` by `time.perf_counter`, both
    when the head was there. ``given``: its id is the caller's. ``deployment`` is known once it is chosen.
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


@dataclass(slots=True)
class Answer:
    """``deployment`` is the one that the request went to, `NONE` when it was refused before.

    ``worker`` is the port of the one that answered, 0 where the gateway itself did; ``seconds`` is how long
    it took, ``retries`` how often the request was sent before. ``own``: a page of the gateway, no traffic.
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


def refusal(status: int, message: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An error as JSON, in the shape of the workers' own."""
    return document(status, {"error": message}, *headers)


def document(status: int, value: Any, *headers: tuple[bytes, bytes]) -> Answer:
    body = json.dumps(value).encode()
    return Answer(status, [(b"content-type", b"application/json"), *headers], body)
