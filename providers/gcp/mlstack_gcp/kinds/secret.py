"""A secret: a version in Secret Manager, from an environment variable; or one that is there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.lowering.values import salted
from mlstack.provider import Build
from mlstack_gcp import identity, services
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place
from mlstack_gcp.values import join, lift

_PATH = re.compile(r"projects/(?P<project>[^/]+)/secrets/(?P<secret>[^/]+)(/versions/(?P<version>[^/]+))?")


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.secretmanager is None:
        return {"id": _written(build)}
    if spec.tags:
        build.warn("tags", "the secret is there already, and stays as it is")
    here = place(build)
    id = lift(spec.secretmanager, lambda text: _whole(text, here.project))
    if not identity.is_own(here.workspace):
        # neither is the stack's own: what it granted, another stack would have too, and lose with this one
        return {"id": id}
    readable = _readable(build, lift(id, _secret), lift(id, _project))
    return {"id": _after(readable, id)}


def _written(build: Build) -> pulumi.Output[str]:
    from pulumi_gcp import secretmanager

    value = os.environ.get(build.spec.env)
    if value is None:
        raise UsageError(
            f"the secret {build.name!r} is read from the variable {build.spec.env}, which is not set",
            code="secret-not-set",
            remedy=f"export {build.spec.env}=…",
        )
    here = place(build)
    wait = [*here.resources, services.enabled(build, "secretmanager")]
    replica = secretmanager.SecretReplicationUserManagedReplicaArgs
    encrypted: dict[str, Any] = {}
    if here.key is not None:
        managed = secretmanager.SecretReplicationUserManagedReplicaCustomerManagedEncryptionArgs
        encrypted["customer_managed_encryption"] = managed(kms_key_name=here.key)
    secret = build.make(
        secretmanager.Secret,
        main=True,
        options={"depends_on": wait},
        project=here.project,
        secret_id=physical(build, longest=255, generation=here.region),
        replication=secretmanager.SecretReplicationArgs(
            user_managed=secretmanager.SecretReplicationUserManagedArgs(
                replicas=[replica(location=here.region, **encrypted)]
            )
        ),
        labels=labels(build),
    )
    # the value is written and never read back; another one is another version, known by its salted hash
    version = build.make(
        secretmanager.SecretVersion,
        "version",
        secret=secret.id,
        secret_data_wo=pulumi.Output.secret(value),
        secret_data_wo_version=salted(build.stack_uid, build.name, value),
    )
    readable = _readable(build, secret.secret_id, here.project)
    return _after(readable, pulumi.Output.unsecret(version.name))


def _readable(build: Build, secret: Any, project: Any) -> pulumi.Resource:
    """Let the stack's service account read it, and nothing else."""
    from pulumi_gcp import secretmanager

    here = place(build)
    return build.make(
        secretmanager.SecretIamMember,
        "reader",
        options={"depends_on": [*here.resources, services.enabled(build, "secretmanager")]},
        project=project,
        secret_id=secret,
        role="roles/secretmanager.secretAccessor",
        member=join("serviceAccount:", here.role),
    )


def _after(resource: pulumi.Resource, value: Any) -> pulumi.Output[str]:
    """The value, for those who have to wait for the resource."""
    return pulumi.Output.all(value, resource.urn).apply(lambda held: str(held[0]))


def _whole(text: str, project: Any) -> Any:
    """The path of a version: of "NAME", "NAME:3", "projects/P/secrets/NAME", or the path itself."""
    found = _PATH.fullmatch(text)
    if found:
        return text if found["version"] else f"{text}/versions/latest"
    name, _, version = text.partition(":")
    return join("projects/", project, f"/secrets/{name}/versions/{version or 'latest'}")


def _secret(id: str) -> str:
    found = _PATH.fullmatch(id)
    return found["secret"] if found else id


def _project(id: str) -> str:
    found = _PATH.fullmatch(id)
    return found["project"] if found else ""
