"""A schedule of Azure ML: what starts when, in a pipeline's schedule and in a monitor."""

from __future__ import annotations

from typing import Any, cast

from mlstack.provider import Build
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place
from mlstack_azure.recurrence import recurrence


def scheduled(build: Build, trigger: Any, action: Any) -> Any:
    """The resource: ``action`` at the times of ``trigger``."""
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    return build.make(
        ml.Schedule,
        main=True,
        options={"depends_on": list(where.resources)},
        name=physical(build, longest=64),
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=ml.SchedulePropertiesArgs(
            display_name=build.name,
            is_enabled=True,
            trigger=trigger,
            action=action,
            tags=cast(Any, tags(build)),
        ),
    )


def every(seconds: float) -> Any:
    """The trigger at fixed intervals; those that Azure has no unit for are refused before."""
    import pulumi_azure_native.machinelearningservices as ml

    frequency, interval = recurrence(seconds) or ("Day", 1)
    return ml.RecurrenceTriggerArgs(
        trigger_type="Recurrence", frequency=frequency, interval=interval, time_zone="UTC"
    )
