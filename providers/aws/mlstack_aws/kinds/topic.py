"""A topic of SNS that alarms and budgets of this account may write to, and nobody else."""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build
from mlstack_aws import rights
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place


def topic(build: Build, *services: str, main: bool = False) -> Any:
    """The topic. ``services``: those of AWS that write to it ("cloudwatch"). ``main`` as of `Build.make`."""
    from pulumi_aws import sns

    where = place(build)
    made = build.make(
        sns.Topic,
        main=main,
        region=where.region,
        name=physical(build, longest=256),
        display_name=build.name,
        tags=tags(build),
    )
    write = rights.allow(["sns:Publish"], made.arn, {"StringEquals": {"aws:SourceAccount": where.account}})
    write["Principal"] = {"Service": [f"{service}.amazonaws.com" for service in services]}
    build.make(sns.TopicPolicy, region=where.region, arn=made.arn, policy=rights.document([write]))
    return made
