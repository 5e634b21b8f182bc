"""A schedule of Azure ML that starts a pipeline, by a cron expression or at fixed intervals.

Each start is a pipeline job of the pipeline's component. Source: Azure ML, "Schedule machine learning
pipeline jobs".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mlstack.provider import Build
from mlstack_azure.kinds import pipeline
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place
from mlstack_azure.recurrence import recurrence
from mlstack_azure.timezones import windows_zone


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_azure_native.machinelearningservices as ml

    spec, where = build.spec, place(build)
    made = build.make(
        ml.Schedule,
        main=True,
        options={"depends_on": list(where.resources)},
        name=physical(build, longest=64),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=ml.SchedulePropertiesArgs(
            display_name=build.name,
            is_enabled=True,
            trigger=_trigger(spec),
            action=ml.JobScheduleActionArgs(
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
            tags=cast(Any, tags(build)),
        ),
    )
    return {"id": made.id}


def _trigger(spec: Any) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    if spec.cron is not None:
        return ml.CronTriggerArgs(
            trigger_type="Cron", expression=spec.cron, time_zone=windows_zone(spec.timezone)
        )
    frequency, interval = recurrence(spec.every) or ("Day", 1)  # others are refused before
    return ml.RecurrenceTriggerArgs(
        trigger_type="Recurrence", frequency=frequency, interval=interval, time_zone="UTC"
    )
