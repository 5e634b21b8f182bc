"""A program's last words to an engine that has gone already.

An engine that refuses a resource may end before the program does. The SDK's log calls then raise, one of
them in its own clean-up: the user sees tracebacks instead of the refusal, and coroutines are left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime import settings

_GONE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def patient(program: Callable[[], None]) -> Callable[[], None]:
    """The program, with log calls that outlive the engine: a line that nobody can take is dropped."""

    def run() -> None:
        # the stub itself is changed: the SDK logs from other contexts than the program's too
        engine: Any = settings.get_engine()
        engine.Log = _dropped_when_gone(engine.Log)
        program()

    return run


def _dropped_when_gone(log: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(request: Any) -> Any:
        try:
            return log(request)
        except grpc.RpcError as error:
            if error.code() not in _GONE:
                raise
            return None

    return call
