"""A platform's contract: a table of routes, and what settings are where nobody gives them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlstack_serving.errors import UsageError
from mlstack_serving.http import Answer, Request

if TYPE_CHECKING:  # settings know the contracts' defaults, so contracts must not need settings
    from mlstack_serving.runtime import Runtime

Handler = Callable[["Runtime", Request], Awaitable[Answer]]

#: Settings that may stand for a path in a contract's table.
FREE_PATHS = ("live_route", "ready_route", "predict_route")


class Route(NamedTuple):
    """``path`` may hold ``{model}``, ``{version}`` or one of FREE_PATHS.

    A server has one model, so the table it runs has no patterns, and no route of a version where the model
    has none. ``summary`` and ``takes`` ("rows", "tensors" or nothing) are for its description.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    takes: str = ""


class Contract(NamedTuple):
    """``defaults`` are given the environment and the settings that were given explicitly."""

    routes: tuple[Route, ...]
    defaults: Callable[[Mapping[str, str], Mapping[str, Any]], dict[str, Any]]


def environ_port(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    """The port that a platform gives in this variable."""
    given = environ.get(name) or str(otherwise)
    if not given.isdigit():
        raise UsageError(f"{name}={given!r}: must be a port's number")
    return int(given)
