"""A secret: a version in the workspace's Key Vault, from an environment variable; or one that is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.lowering.values import salted
from mlstack.provider import Build
from mlstack_azure import account
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place

#: The tag that changes with the value.
DIGEST = "mlstack-digest"


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.keyvault is not None:
        if spec.tags:
            build.warn("tags", "the secret is there already, and stays as it is")
        return {"id": spec.keyvault}
    return {"id": _written(build)}


def _written(build: Build) -> pulumi.Input[str]:
    from pulumi_azure_native import keyvault

    value = os.environ.get(build.spec.env)
    if value is None:
        raise UsageError(
            f"the secret {build.name!r} is read from the variable {build.spec.env}, which is not set",
            code="secret-not-set",
            remedy=f"export {build.spec.env}=…",
        )
    where = place(build)
    vault = where.key_vault_id
    assert vault is not None, "a workspace has a key vault"
    secret = build.make(
        keyvault.Secret,
        main=True,
        secret_name=physical(build, longest=127),
        vault_name=where.key_vault,
        resource_group_name=account.segment(vault, "resourceGroups"),
        properties=keyvault.SecretPropertiesArgs(
            value=pulumi.Output.secret(value),
            content_type=f"mlstack {build.name}",
            attributes=keyvault.SecretAttributesArgs(enabled=True),
        ),
        tags={**tags(build), DIGEST: salted(build.stack_uid, build.name, value)},
    )
    return pulumi.Output.unsecret(secret.properties.apply(lambda held: held.secret_uri_with_version))
