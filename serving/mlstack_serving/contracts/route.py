"""A row of a contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from mlstack_serving.http import Answer, Request
from mlstack_serving.runtime import Runtime

Handler = Callable[[Runtime, Request], Awaitable[Answer]]


class Route(NamedTuple):
    """``path`` may hold ``{model}``; a server has one model, so the table it runs has no patterns."""

    method: str
    path: str
    handler: Handler
