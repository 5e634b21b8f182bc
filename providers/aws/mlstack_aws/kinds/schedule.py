"""A schedule: EventBridge starts a pipeline, at its times (Scheduler), or when an alarm goes off (a rule)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws import rights
from mlstack_aws.kinds.watched import alarms
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place
from mlstack_aws.schedules import cron, rate

_GROUP = "aws.schedules"


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    pipeline = build.outputs("pipelines", spec.pipeline)["id"]
    if spec.on is not None:
        return {"id": _on_alarm(build, pipeline)}
    return {"id": _at_times(build, pipeline)}


def _at_times(build: Build, pipeline: Any) -> Any:
    from pulumi_aws import scheduler

    spec, where = build.spec, place(build)
    role, allowed = _starter(build, pipeline, "scheduler")
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
    return made.arn


def _on_alarm(build: Build, pipeline: Any) -> Any:
    from pulumi_aws import cloudwatch

    spec, where = build.spec, place(build)
    role, allowed = _starter(build, pipeline, "events")
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "resources": alarms(build, spec.on.split(".")[1]),
        "detail": {"state": {"value": ["ALARM"]}},
    }
    rule = build.make(
        cloudwatch.EventRule,
        main=True,
        region=where.region,
        name=physical(build, longest=64),
        event_pattern=pulumi.Output.json_dumps(pattern, sort_keys=True),
        tags=tags(build),
    )
    build.make(
        cloudwatch.EventTarget,
        options={"depends_on": [allowed]},
        region=where.region,
        rule=rule.name,
        target_id="pipeline",
        arn=pipeline,
        role_arn=role,
    )
    return rule.arn


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
    """(the role that a service starts the pipeline as, what has to be there before it can)."""
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
        role=role.name,
        policy=rights.document([rights.allow(["sagemaker:StartPipelineExecution"], pipeline)]),
    )
    return role.arn, policy
