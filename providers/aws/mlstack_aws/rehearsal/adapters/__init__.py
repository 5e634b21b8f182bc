"""The types of pulumi-aws that the AWS target makes, each by boto3 calls. One file a service."""

from __future__ import annotations

from functools import cache

from mlstack_aws.rehearsal.adapters import (
    budgets,
    builds,
    iam,
    keys,
    network,
    registries,
    s3,
    sagemaker,
    scaling,
    secrets,
    topics,
    watching,
)
from mlstack_aws.rehearsal.adapters.base import Adapter, Aws

__all__ = ["Adapter", "Aws", "adapter", "adapters"]


@cache
def adapters() -> dict[str, Adapter]:
    """By token."""
    areas = (
        budgets, builds, iam, keys, network, registries, s3, sagemaker, scaling, secrets, topics, watching
    )  # fmt: skip
    return {one.type: one for area in areas for one in area.ADAPTERS}


def adapter(token: str) -> Adapter | None:
    return adapters().get(token)
