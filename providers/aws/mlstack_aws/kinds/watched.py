"""What a monitor's builder leaves for schedules that it starts, and the topics of who is told."""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build


def leave(build: Build, arns: list[Any]) -> None:
    build.shared[_key(build.name)] = arns


def alarms(build: Build, monitor: str) -> list[Any]:
    """ARNs of the alarms of a monitor."""
    build.outputs("monitors", monitor)  # an error with its remedy, where there is none
    found: list[Any] = build.shared[_key(monitor)]
    return found


def topics(build: Build) -> list[Any]:
    """ARNs of the topics that a monitor's alarms write to."""
    return [build.outputs("notifications", name)["id"] for name in build.spec.notify]


def _key(monitor: str) -> str:
    return f"aws.monitor.{monitor}"
