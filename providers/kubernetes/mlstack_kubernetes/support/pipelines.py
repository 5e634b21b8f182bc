"""Pipelines and schedules in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering import cron
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

_ENGINE = "a cluster without a workflow engine runs one job at a time it is told:"
_ROLLOUT = "a CronJob runs a job and changes no endpoint: leave it out, and raise `traffic` by `mlstack up`"

UNSUPPORTED: Mapping[str, str] = {
    "pipelines.steps.approval": f"{_ENGINE} nothing waits for a person; end the pipeline before",
    "pipelines.steps.endpoint": _ROLLOUT,
    "pipelines.steps.deployment": _ROLLOUT,
    "pipelines.steps.rollout": _ROLLOUT,
    "pipelines.steps.needs": f"{_ENGINE} put the steps into one job's command, or give each a schedule",
    "pipelines.steps.when": f"{_ENGINE} put the condition into the job's command",
    "schedules.on": "a cluster's own schedules go by time: set cron or every",
}
_BY_SCHEDULE = "the schedule that starts the pipeline makes the job's CronJob"
NO_INPUT: Mapping[str, str] = {
    "pipelines.steps.job": _BY_SCHEDULE,
    "pipelines.steps.inputs": _BY_SCHEDULE,
}
WAYS: Mapping[str, Way] = {"schedules.every": Way("of times that divide an hour or a day", value="6h")}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, pipeline in stack.pipelines.items():
        if len(pipeline.steps) > 1:
            yield (
                ("pipelines", name, "steps"),
                f"{_ENGINE} this one has {len(pipeline.steps)} steps",
                "put the steps into one job's command, or give each a pipeline and a schedule of its own",
            )
    for name, schedule in stack.schedules.items():
        if schedule.every is not None and cron.every(schedule.every) is None:
            yield (
                ("schedules", name, "every"),
                "a CronJob starts by the clock, which this time does not divide evenly",
                "set minutes that divide an hour (5m, 15m, 30m), hours that divide a day (1h, 6h, 12h), 1d "
                "or 7d; or write cron",
            )
