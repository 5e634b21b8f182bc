"""The workspace: SageMaker has none, so it is a bucket and a role; a key and a network where asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws import network, rights
from mlstack_aws.arns import last, partition
from mlstack_aws.names import physical, tags
from mlstack_aws.place import Place, region, settle

#: Days that a version of an object stays when another is in its place.
_OLD_VERSIONS = 30
#: Days after which parts of a transfer that nobody went on with are removed.
_TORN = 7


def build(build: Build) -> Mapping[str, Any]:
    import pulumi_aws as aws

    spec = build.spec
    where = region(build)
    used = _existing(build)
    key = _key(build, where)
    bucket, wait = (used, ()) if used is not None else _bucket(build, where, key)
    inside, doors = network.network(build, where)
    role = spec.identity or build.settings.role_arn
    if role is not None and spec.identity is not None and build.settings.role_arn is not None:
        build.note("identity", "it is used in the place of settings.aws.role_arn")
    uri = pulumi.Output.concat("s3://", bucket, f"/mlstack/{build.stack_uid}")
    here = Place(
        owner=build,
        region=where,
        account=aws.get_caller_identity_output().account_id.apply(lambda id: str(id or "")),
        bucket=bucket,
        uri=uri,
        role=role or "",
        key=key,
        network=inside,
        resources=(*wait, *doors),
    )
    settle(build, here if role is not None else _with_role(build, here))
    return {"id": bucket}


def _existing(build: Build) -> Any:
    """The bucket that is there already, as a name; None: it is to be made."""
    spec = build.spec
    if spec.existing == "auto":
        build.note("existing", "SageMaker has no workspaces to choose among: the stack's own bucket is made")
    elif spec.existing is not None:
        for field in ("name", "storage", "tags"):
            if getattr(spec, field):
                build.warn(field, "the bucket is there already, and stays as it is")
        return last(spec.existing)
    if spec.storage is not None:
        if spec.name is not None:
            build.warn("name", "it would be the bucket's, and storage names one that is there")
        return last(spec.storage)
    return None


def _key(build: Build, where: str) -> Any:
    """ARN of the key of one's own: the spec's; one that is made for ``security: strict``; None."""
    from pulumi_aws import kms

    if build.spec.encryption_key is not None:
        return build.spec.encryption_key
    if build.stackwide.security != "strict":
        return None
    made = build.make(
        kms.Key,
        "key",
        region=where,
        description=f"mlstack: data of {pulumi.get_project()}",
        enable_key_rotation=True,
        deletion_window_in_days=7,
        tags=tags(build),
    )
    build.make(
        kms.Alias,
        "key",
        region=where,
        name=f"alias/{physical(build, 'key', longest=200)}",
        target_key_id=made.key_id,
    )
    return made.arn


def _bucket(build: Build, where: str, key: Any) -> tuple[pulumi.Output[str], tuple[Any, ...]]:
    """The bucket's name, and what is to be settled before anything is put into it."""
    from pulumi_aws import s3

    # another region is another bucket, and its name is the whole world's
    made = build.make(
        s3.Bucket,
        main=True,
        region=where,
        bucket=build.spec.name or physical(build, longest=63, generation=where),
        force_destroy=True,  # what jobs and endpoints wrote goes with the stack, as on every target
        tags=tags(build),
    )
    name: pulumi.Output[str] = made.bucket
    closed = build.make(
        s3.BucketPublicAccessBlock,
        "private",
        region=where,
        bucket=name,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    by_default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256" if key is None else "aws:kms", kms_master_key_id=key
    )
    encrypted = build.make(
        s3.BucketServerSideEncryptionConfiguration,
        "encryption",
        region=where,
        bucket=name,
        rules=[
            s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=by_default,
                bucket_key_enabled=None if key is None else True,
            )
        ],
    )
    versioned = build.make(
        s3.BucketVersioning,
        "versions",
        region=where,
        bucket=name,
        versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
    )
    build.make(
        s3.BucketLifecycleConfiguration,
        "lifecycle",
        options={"depends_on": [versioned]},
        region=where,
        bucket=name,
        rules=[
            s3.BucketLifecycleConfigurationRuleArgs(
                id="old",
                status="Enabled",
                filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=_TORN
                ),
                noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=_OLD_VERSIONS
                ),
            )
        ],
    )
    return name, (closed, encrypted, versioned)


def _with_role(build: Build, here: Place) -> Place:
    """With a role of the stack's own, and what it may do."""
    from pulumi_aws import iam

    role = build.make(
        iam.Role,
        "role",
        name=physical(build, "role", longest=64, generation=here.region),
        description=f"mlstack: what models and jobs of {pulumi.get_project()} run as",
        assume_role_policy=rights.trust("sagemaker"),
        tags=tags(build),
    )
    # put together of what is known, so that previews show it
    arn = pulumi.Output.concat(f"arn:{partition(here.region)}:iam::", here.account, ":role/", role.name)
    policy = build.make(
        iam.RolePolicy,
        "role",
        name="stack",
        role=role.name,
        policy=rights.document([*rights.execution(build, here), rights.passing(here, arn)]),
    )
    return replace(here, role=arn, role_name=role.name, resources=(*here.resources, policy))
