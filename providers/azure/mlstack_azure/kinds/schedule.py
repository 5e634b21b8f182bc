"""A schedule of Azure ML that starts a pipeline, by a cron expression or at fixed intervals.

Each start is a pipeline job of the pipeline's component. Source: Azure ML, "Schedule machine learning
pipeline jobs".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mlstack.provider import Build
from mlstack_azure.kinds import pipeline
from mlstack_azure.kinds.scheduled import every, scheduled
from mlstack_azure.names import tags
from mlstack_azure.timezones import windows_zone


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.machinelearningservices as ml

    spec = build.spec
    made = scheduled(
        build,
        _trigger(spec),
        ml.JobScheduleActionArgs(
            action_type="CreateJob",
            job_definition=ml.PipelineJobArgs(
                job_type="Pipeline",
                display_name=spec.pipeline,
                experiment_name=spec.pipeline,
                component_id=build.outputs("pipelines", spec.pipeline)["id"],
                identity=pipeline.identity(build),
                settings={"_source": "REMOTE.WORKSPACE.COMPONENT"},
                tags=cast(Any, tags(build)),
            ),
        ),
    )
    return {"id": made.id}


def _trigger(spec: Any) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    if spec.cron is None:
        return every(spec.every)
    return ml.CronTriggerArgs(
        trigger_type="Cron", expression=spec.cron, time_zone=windows_zone(spec.timezone)
    )
