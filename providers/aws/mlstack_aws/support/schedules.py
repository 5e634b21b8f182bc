"""Schedules on AWS: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_aws.schedules import cron, rate

UNSUPPORTED: Mapping[str, str] = {
    "schedules.on": "not built for AWS by this version of mlstack, which starts nothing at an alarm, "
    "and nobody tells AWS of new data: set cron or every, or start the pipeline after `mlstack up`",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, schedule in stack.schedules.items():
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
