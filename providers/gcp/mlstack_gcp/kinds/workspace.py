"""The workspace: services switched on, a bucket, an account with its rights, a network if it is private."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_gcp import account, encryption, identity, network, services
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import Place, settle
from mlstack_gcp.values import join, lift

#: What a bucket that is there has settled by itself.
_SETTLED = ("name", "storage", "tags")


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    project, region = account.project(build), account.region(build)
    wait: list[Any] = [services.switched_on(build, project, name) for name in services.ALWAYS]
    if spec.encryption_key is not None:
        wait += [services.switched_on(build, project, name) for name in encryption.AGENTS]
    keyed = encryption.allowed(build, project, wait)
    given = spec.existing if spec.existing is not None else spec.storage
    if spec.existing is not None:
        for field in _SETTLED:
            if getattr(spec, field):
                build.warn(field, "the bucket is there already, and stays as it is")
    elif spec.storage is not None and spec.name is not None:
        build.warn("name", "it would be the name of a bucket, and storage names one that is there")
    bucket = _bucket(build, project, region, [*wait, *keyed]) if given is None else lift(given, _name)
    email, rights = identity.account(build, project, wait)
    granted = identity.of_bucket(build, bucket, email)
    private = is_private(build)
    net, peered = network.network(build, project, region) if private else (None, ())
    settle(
        build,
        Place(
            project=project,
            region=region,
            bucket=bucket,
            uri=join("gs://", bucket),
            role=email,
            workspace=build,
            key=spec.encryption_key,
            network=net,
            private=private,
            existing=spec.existing is not None,
            resources=(*wait, *keyed, *rights, *granted, *peered),
        ),
    )
    return {"id": join("gs://", bucket)}


def is_private(build: Build) -> bool:
    given = build.spec.network
    return given == "private" or (given is None and build.stackwide.security == "strict")


def _bucket(build: Build, project: Any, region: str, wait: list[Any]) -> pulumi.Output[str]:
    """What was overwritten or deleted can be had for 30 days; what was half sent goes after 7."""
    from pulumi_gcp import storage

    rule = storage.BucketLifecycleRuleArgs
    action, condition = storage.BucketLifecycleRuleActionArgs, storage.BucketLifecycleRuleConditionArgs
    encrypted: dict[str, Any] = {}
    if build.spec.encryption_key is not None:
        encrypted["encryption"] = storage.BucketEncryptionArgs(default_kms_key_name=build.spec.encryption_key)
    made = build.make(
        storage.Bucket,
        "bucket",
        main=True,
        options={"depends_on": wait},
        project=project,
        name=build.spec.name or physical(build, longest=63, generation=region),
        location=region.upper(),
        storage_class="STANDARD",
        uniform_bucket_level_access=True,
        public_access_prevention="enforced",
        force_destroy=True,
        versioning=storage.BucketVersioningArgs(enabled=True),
        lifecycle_rules=[
            rule(
                action=action(type="Delete"),
                condition=condition(days_since_noncurrent_time=30, with_state="ARCHIVED"),
            ),
            rule(action=action(type="AbortIncompleteMultipartUpload"), condition=condition(age=7)),
        ],
        labels=labels(build),
        **encrypted,
    )
    return made.name


def _name(text: str) -> str:
    """A bucket's name, however it is given."""
    return text.removeprefix("gs://").rstrip("/")
