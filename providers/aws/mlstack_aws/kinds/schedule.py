"""A schedule: EventBridge Scheduler starts a pipeline at its times, or a rule of EventBridge when a monitor's
alarm goes off.

Source of the latter: EventBridge events reference, "Amazon CloudWatch events" (CloudWatch Alarm State Change,
with the alarm's ARN as its resource); EventBridge user guide, "Amazon EventBridge targets".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws import rights
from mlstack_aws.kinds import alarms
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place
from mlstack_aws.schedules import cron, rate

_GROUP = "aws.schedules"


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_aws import scheduler

    spec, where = build.spec, place(build)
    pipeline = build.outputs("pipelines", spec.pipeline)["id"]
    role, allowed = _starter(build, pipeline, "scheduler" if spec.on is None else "events")
    if spec.on is not None:
        return {"id": _at_alarms(build, pipeline, role, allowed)}
    if spec.tags:
        build.note("tags", "they are on the role that starts the pipeline: a schedule carries none itself")
    made = build.make(
        scheduler.Schedule,
        main=True,
        options={"depends_on": [allowed]},
        region=where.region,
        name=physical(build, longest=64),
        group_name=_group(where.owner).name,
        schedule_expression=cron(spec.cron) if spec.cron is not None else rate(spec.every),
        schedule_expression_timezone=spec.timezone or "UTC",
        flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=scheduler.ScheduleTargetArgs(arn=pipeline, role_arn=role),
    )
    return {"id": made.arn}


def _at_alarms(build: Build, pipeline: Any, role: Any, allowed: Any) -> Any:
    """The ARN of a rule that starts the pipeline when an alarm of the monitor goes off."""
    from pulumi_aws import cloudwatch

    region, name = place(build).region, physical(build, longest=64)
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "resources": alarms.of(build, build.spec.on.partition(".")[2]),
        "detail": {"state": {"value": ["ALARM"]}},
    }
    made = build.make(
        cloudwatch.EventRule,
        main=True,
        region=region,
        name=name,
        description=f"mlstack: {build.spec.on} starts {build.spec.pipeline}",
        event_pattern=pulumi.Output.json_dumps(pattern, sort_keys=True),
        tags=tags(build),
    )
    build.make(
        cloudwatch.EventTarget,
        "start",
        options={"depends_on": [allowed]},
        region=region,
        rule=made.name,
        target_id=name,
        arn=pipeline,
        role_arn=role,
    )
    return made.arn


def _group(owner: Build) -> Any:
    """The stack's own group: a schedule carries no tags, and its group does."""
    from pulumi_aws import scheduler

    if _GROUP not in owner.shared:
        owner.shared[_GROUP] = owner.make(
            scheduler.ScheduleGroup,
            "schedules",
            region=place(owner).region,
            name=physical(owner, "schedules", longest=64),
            tags=tags(owner),
        )
    return owner.shared[_GROUP]


def _starter(build: Build, pipeline: Any, service: str) -> tuple[Any, Any]:
    """(the role that the pipeline is started as, what has to be there before it can)."""
    from pulumi_aws import iam

    role = build.make(
        iam.Role,
        "starter",
        name=physical(build, "starter", longest=64),
        assume_role_policy=rights.trust(service),
        tags=tags(build),
    )
    policy = build.make(
        iam.RolePolicy,
        "starter",
        name="start",
        role=role.name,
        policy=rights.document([rights.allow(["sagemaker:StartPipelineExecution"], pipeline)]),
    )
    return role.arn, policy
