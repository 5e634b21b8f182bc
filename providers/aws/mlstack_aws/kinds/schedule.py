"""A schedule: EventBridge Scheduler starts a pipeline at its times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_aws import rights
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place
from mlstack_aws.schedules import cron, rate

_GROUP = "aws.schedules"


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_aws import scheduler

    spec, where = build.spec, place(build)
    pipeline = build.outputs("pipelines", spec.pipeline)["id"]
    role, allowed = _starter(build, pipeline)
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


def _starter(build: Build, pipeline: Any) -> tuple[Any, Any]:
    """(the role that the pipeline is started as, what has to be there before it can)."""
    from pulumi_aws import iam

    role = build.make(
        iam.Role,
        "starter",
        name=physical(build, "starter", longest=64),
        assume_role_policy=rights.trust("scheduler"),
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
