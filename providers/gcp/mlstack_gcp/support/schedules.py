"""Schedules on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering import cron
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

UNSUPPORTED: Mapping[str, str] = {
    "schedules.on": "Vertex AI's schedules go by time: set cron or every; or have a function that a "
    "notification's webhook calls start the pipeline",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, schedule in stack.schedules.items():
        if schedule.every is not None and cron.every(schedule.every) is None:
            yield (
                ("schedules", name, "every"),
                "Vertex AI starts by the clock, which this time does not divide evenly",
                "set minutes that divide an hour (5m, 15m, 30m), hours that divide a day (1h, 6h, 12h), 1d "
                "or 7d; or write cron",
            )
