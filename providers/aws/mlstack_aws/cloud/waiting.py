"""Waiting for AWS: looks that come further and further apart, and end when the run is cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from mlstack.errors import MlstackError, TargetError
from mlstack_aws.cloud.session import emulated

Found = TypeVar("Found")

_FIRST, _LONGEST, _GROWTH = 2.0, 30.0, 1.5
#: Between looks at an emulated cloud, where operations end at once.
_REHEARSED = 0.05


class Interrupted(MlstackError):  # noqa: N818 - reads as what happened
    """The run was cancelled while AWS was waited for. What AWS has begun goes on there."""

    code = "interrupted"
    category = "user"
    exit_code = 130


class Cancellable(Protocol):
    """Such as `mlstack.resource.Context`."""

    @property
    def cancelled(self) -> threading.Event: ...


def wait(
    context: Cancellable | None,
    look: Callable[[], Found | None],
    what: str,
    *,
    first: float = _FIRST,
    longest: float = _LONGEST,
    most: float | None = None,
) -> Found:
    """What ``look`` says once it says anything but None; its errors end the waiting.

    ``what`` is waited for, for messages ("endpoint digits"). ``first`` and ``longest`` are the seconds
    between looks, ``most`` those after which it is given up (None: never). Raises `Interrupted`, TargetError.
    """
    cancelled = context.cancelled if context is not None else threading.Event()
    pause = _REHEARSED if emulated() else first
    end = None if most is None else time.monotonic() + most
    while True:
        found = look()
        if found is not None:
            return found
        if end is not None and time.monotonic() >= end:
            raise TargetError(
                f"{what} is not there after {most:.0f} s",
                category="transient",
                remedy="run the same command again: it goes on from here",
            )
        if cancelled.wait(pause):
            raise Interrupted(
                f"stopped while waiting for {what}", remedy="run the same command again: it goes on from here"
            )
        pause = min(pause * _GROWTH, _REHEARSED if emulated() else longest)
