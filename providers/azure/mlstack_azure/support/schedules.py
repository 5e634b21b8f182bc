"""Schedules on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_azure.recurrence import recurrence
from mlstack_azure.support.common import Refusal
from mlstack_azure.timezones import BY_IANA, windows_zone

UNSUPPORTED: Mapping[str, str] = {
    "schedules.on": "Azure ML's schedules go by time: set cron or every; or have Event Grid's events of the "
    "workspace start a Logic App",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, schedule in stack.schedules.items():
        if schedule.every is not None and recurrence(schedule.every) is None:
            yield (
                ("schedules", name, "every"),
                "the platform counts in whole minutes",
                "set 1m or more, such as 6h or 1d",
            )
        if windows_zone(schedule.timezone) is None:
            yield (
                ("schedules", name, "timezone"),
                f"Azure has no name of its own for {schedule.timezone} that is known here",
                "name a larger city of the same zone, such as " + ", ".join(list(BY_IANA)[11:14]),
            )
        if schedule.cron is not None:
            _, _, day, month, _ = schedule.cron.split()
            if (day, month) != ("*", "*"):
                yield (
                    ("schedules", name, "cron"),
                    "the platform ignores the day of the month and the month of a cron expression",
                    "write * for both, and have the pipeline's first step look at the date",
                )
            elif any(letter.isalpha() for letter in schedule.cron):
                yield (
                    ("schedules", name, "cron"),
                    "the platform takes numbers in a cron expression, and no names of days",
                    "write 0 for Sunday to 6 for Saturday",
                )
