"""A schedule of Vertex AI that starts a pipeline, by a cron expression in a time zone.

Source: Vertex AI reference, Schedule (``TZ=ZONE`` before the expression).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.gap import GapResource
from mlstack.lowering import cron
from mlstack.provider import Build
from mlstack_gcp.kinds.pipeline import run_of
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place

TOKEN = "mlstack:gcp:PipelineSchedule"  # noqa: S105 - a type


def build(build: Build) -> Mapping[str, Any]:
    spec, here = build.spec, place(build)
    when = spec.cron or cron.every(spec.every)
    made = GapResource(
        TOKEN,
        build.child(),
        {
            "project": here.project,
            "location": here.region,
            "display_name": physical(build, longest=128),
            "cron": f"TZ={spec.timezone or 'UTC'} {when}",
            "pipeline_job": run_of(build, spec.pipeline),
            "labels": labels(build),
        },
        outputs=("schedule",),
        opts=build.opts(depends_on=list(here.resources)),
    )
    return {"id": made.output("schedule")}
