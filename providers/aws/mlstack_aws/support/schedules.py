"""Schedules on AWS: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_aws.schedules import cron, rate

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "schedules.on": Way(
        "at a monitor's alarm",
        {"monitors": {"one": {"endpoint": "one", "signal": "latency", "threshold": "200ms"}}},
        "monitors.one",
    ),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, schedule in stack.schedules.items():
        if schedule.on is not None and not schedule.on.startswith("monitors."):
            yield (
                ("schedules", name, "on"),
                "nobody tells AWS that data has a new version: `up` does, where it is run",
                "name a monitor, as monitors.NAME; or set cron or every, or start the pipeline after "
                "`mlstack up`",
            )
        if schedule.every is not None and rate(schedule.every) is None:
            yield (
                ("schedules", name, "every"),
                "EventBridge counts in whole minutes",
                "set 1m or more, such as 6h or 1d",
            )
        if schedule.cron is not None and cron(schedule.cron) is None:
            yield (
                ("schedules", name, "cron"),
                "EventBridge takes days of the month or days of the week, and not both at once",
                "write two schedules, one with each",
            )
