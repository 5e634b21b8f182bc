"""Where a resource was made, as a state may say it: in the project's own files, and nowhere else.

The SDK sends every frame of the call with each resource. Those of mlstack, of Python and of the SDKs are
paths of one machine, which are nobody else's business, and nearly half of a state of hundreds of resources:
the engine writes all of it at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pulumi.runtime import settings

#: Calls of the engine's monitor that carry a place and the way to it.
_CALLS = ("RegisterResource", "ReadResource")


def placed(program: Callable[[], object], root: Path) -> Callable[[], None]:
    """The program, whose resources say of places outside of the project's folder ``root`` nothing."""
    within = f"{root.resolve().as_uri()}/"

    def run() -> None:
        monitor: Any = settings.get_monitor()
        for name in _CALLS:
            setattr(monitor, name, _placed(getattr(monitor, name), within))
        program()

    return run


def _placed(call: Callable[[Any], Any], within: str) -> Callable[[Any], Any]:
    def placed(request: Any) -> Any:
        kept = [frame for frame in request.stackTrace.frames if _is_own(frame.pc.uri, within)]
        request.ClearField("stackTrace")
        request.ClearField("sourcePosition")
        if kept:
            request.stackTrace.frames.extend(kept)
            request.sourcePosition.CopyFrom(kept[0].pc)
        return call(request)

    return placed


def _is_own(uri: str, within: str) -> bool:
    return uri.startswith(within) and "/site-packages/" not in uri
