"""A secret: of Secrets Manager, from an environment variable; or one that is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.lowering.values import salted
from mlstack.provider import Build
from mlstack_aws import rights
from mlstack_aws.arns import lift, partition
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place

#: The tag that changes with the value.
DIGEST = "mlstack-digest"


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.secretsmanager is not None:
        if spec.tags:
            build.warn("tags", "the secret is there already, and stays as it is")
        rights.grant(
            build, [rights.allow(["secretsmanager:GetSecretValue"], _arn(build, spec.secretsmanager))]
        )
        return {"id": spec.secretsmanager}
    return {"id": _written(build)}


def _written(build: Build) -> pulumi.Output[str]:
    from pulumi_aws import secretsmanager

    value = os.environ.get(build.spec.env)
    if value is None:
        raise UsageError(
            f"the secret {build.name!r} is read from the variable {build.spec.env}, which is not set",
            code="secret-not-set",
            remedy=f"export {build.spec.env}=…",
        )
    where = place(build)
    secret = build.make(
        secretsmanager.Secret,
        main=True,
        region=where.region,
        name=f"{rights.SECRETS}/{build.stack_uid}/{physical(build, longest=200)}",
        description=f"mlstack {build.name}",
        kms_key_id=where.key,
        recovery_window_in_days=0,  # its name can be had again at once
        tags={**tags(build), DIGEST: salted(build.stack_uid, build.name, value)},
    )
    version = build.make(
        secretsmanager.SecretVersion,
        region=where.region,
        secret_id=secret.id,
        secret_string=pulumi.Output.secret(value),
    )
    arn: pulumi.Output[str] = version.secret_arn
    return arn


def _arn(build: Build, given: Any) -> Any:
    """By its name an ARN has six letters at its end that only AWS knows."""
    where = place(build)
    start = pulumi.Output.concat(
        f"arn:{partition(where.region)}:secretsmanager:{where.region}:", where.account, ":secret:"
    )
    return lift(
        given, lambda text: text if text.startswith("arn:") else pulumi.Output.concat(start, f"{text}-??????")
    )
