"""Waiting for what Google does in its own time: in pauses that grow, and no longer than the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from mlstack.errors import TargetError
from mlstack_gcp.cloud.failures import told

_FIRST, _FACTOR, _LONGEST = 0.2, 1.6, 15.0

T = TypeVar("T")


class Waiter(Protocol):
    """As much of `mlstack.resource.Context` as waiting needs."""

    @property
    def cancelled(self) -> Any: ...


class Cancelled(TargetError):  # noqa: N818 - reads as what happened
    """The run was cancelled while it waited."""


def wait(context: Waiter, look: Callable[[], T | None], what: str, *, longest: float | None = None) -> T:
    """What ``look`` sees, once it sees something: it is asked again and again until it does.

    ``what`` is waited for, in words; ``longest`` is in seconds. Raises Cancelled, and TargetError when the
    time is over.
    """
    began, pause = time.monotonic(), _FIRST
    while (found := look()) is None:
        if longest is not None and time.monotonic() - began > longest:
            raise TargetError(
                f"{what} takes longer than {longest:.0f} s",
                category="transient",
                remedy="it may go on by itself: run the same command again, which looks for it first",
            )
        if context.cancelled.wait(pause):
            raise Cancelled(
                f"cancelled while waiting: {what}",
                category="transient",
                remedy="it may go on by itself: run the same command again, which looks for it first",
            )
        pause = min(pause * _FACTOR, _LONGEST)
    return found


def finish(context: Waiter, operation: Any, what: str, *, longest: float | None = None) -> Any:
    """The result of a long-running operation of one of Vertex AI's clients. Raises as `wait` does, and
    CloudFailure where the operation failed."""
    with told(what):
        wait(context, lambda: True if operation.done() else None, what, longest=longest)
        return operation.result()
