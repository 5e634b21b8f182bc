"""The alarms of each monitor, for what begins when one goes off."""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build

_SHARED = "aws.alarms"


def leave(build: Build, alarm: Any) -> None:
    """One more alarm of the monitor that is built; its ARN."""
    build.shared.setdefault(_SHARED, {}).setdefault(build.name, []).append(alarm)


def of(build: Build, monitor: str) -> list[Any]:
    """ARNs of the alarms of a monitor."""
    build.outputs("monitors", monitor)  # it comes before
    return list(build.shared[_SHARED][monitor])
