"""The stack's registry of images and what builds them, made when the first image is to be built."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws import rights
from mlstack_aws.arns import domain, lift, partition
from mlstack_aws.dockerfiles import in_ecr
from mlstack_aws.names import physical, tags
from mlstack_aws.place import Place, place
from mlstack_aws.rights import allow

_REGISTRY, _BUILDER = "aws.registry", "aws.builder"

#: https://docs.aws.amazon.com/codebuild/latest/userguide/available-images.html
_IMAGE = "aws/codebuild/standard:7.0"
#: Images without a tag are what a new build has taken the tag from.
_UNTAGGED_DAYS = 14
#: What each build does; what differs between builds are its variables.
BUILDSPEC = """version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY%%/*}"
  build:
    commands:
      - docker build --file "$DOCKERFILE" --tag "$REPOSITORY:$TAG" .
  post_build:
    commands:
      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1
      - docker push "$REPOSITORY:$TAG"
"""


@dataclass(frozen=True)
class Registry:
    """``url`` is ``ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME``. ``beginning`` is that of the tags of the
    stack's images: in a repository that is not its own, others may have images of the same name."""

    url: Any
    arn: Any
    beginning: str = ""


@dataclass(frozen=True)
class Builder:
    name: Any
    resources: tuple[Any, ...]


def registry(build: Build) -> Registry:
    """The repository of the stack's images: the spec's, or one that is made now."""
    where = place(build)
    if _REGISTRY not in build.shared:
        build.shared[_REGISTRY] = _registry(where)
    found: Registry = build.shared[_REGISTRY]
    return found


def builder(build: Build) -> Builder:
    """The project of CodeBuild that builds them."""
    where = place(build)
    if _BUILDER not in build.shared:
        build.shared[_BUILDER] = _builder(where, registry(build))
    found: Builder = build.shared[_BUILDER]
    return found


def _registry(where: Place) -> Registry:
    from pulumi_aws import ecr

    build = where.owner
    given = build.spec.registry
    if given is not None:
        name = lift(given, _name)
        return replace(_named(where, name), beginning=f"{build.stack_uid}-")
    encryption = (
        ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
        if where.key is None
        else ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=where.key)
    )
    made = build.make(
        ecr.Repository,
        "images",
        region=where.region,
        name=physical(build, "images", longest=256, generation=where.region),
        image_tag_mutability="MUTABLE",
        image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
        encryption_configurations=[encryption],
        force_delete=True,
        tags=tags(build),
    )
    untagged = {
        "rulePriority": 1,
        "description": "untagged images",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": _UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    build.make(
        ecr.LifecyclePolicy,
        "images",
        region=where.region,
        repository=made.name,
        policy=json.dumps({"rules": [untagged]}, sort_keys=True),
    )
    return _named(where, made.name)


def _named(where: Place, name: Any) -> Registry:
    """Put together of what is known, so that previews show which image is meant."""
    host = f".dkr.ecr.{where.region}.{domain(where.region)}/"
    start = f"arn:{partition(where.region)}:ecr:{where.region}:"
    return Registry(
        pulumi.Output.concat(where.account, host, name),
        pulumi.Output.concat(start, where.account, ":repository/", name),
    )


def _name(text: str) -> str:
    """Of a repository by its ARN, its URI, or its name, which may have slashes."""
    if in_ecr(text):
        return text.partition("/")[2]
    return text.partition(":repository/")[2] or text


def _builder(where: Place, images: Registry) -> Builder:
    from pulumi_aws import codebuild, iam

    build = where.owner
    role = build.make(
        iam.Role,
        "builder",
        name=physical(build, "builder", longest=64, generation=where.region),
        description="mlstack: what images are built as",
        assume_role_policy=rights.trust("codebuild"),
        tags=tags(build),
    )
    policy = build.make(
        iam.RolePolicy,
        "builder",
        name="builds",
        role=role.name,
        policy=rights.document(_statements(where, images)),
    )
    project = build.make(
        codebuild.Project,
        "builder",
        options={"depends_on": [policy]},
        region=where.region,
        name=physical(build, "builder", longest=150, generation=where.region),
        description="mlstack: images of jobs and models",
        service_role=role.arn,
        build_timeout=60,
        artifacts=codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
        environment=codebuild.ProjectEnvironmentArgs(
            type="LINUX_CONTAINER",
            compute_type="BUILD_GENERAL1_MEDIUM",
            image=_IMAGE,
            privileged_mode=True,  # for Docker itself
        ),
        source=codebuild.ProjectSourceArgs(type="NO_SOURCE", buildspec=BUILDSPEC),
        encryption_key=where.key,
        tags=tags(build),
    )
    return Builder(project.name, (project, policy))


def _statements(where: Place, images: Registry) -> list[rights.Statement]:
    """Source: CodeBuild user guide, "Create a CodeBuild service role", and "Docker sample"."""
    world = partition(where.region)
    bucket = pulumi.Output.concat(f"arn:{world}:s3:::", where.bucket)
    logs = pulumi.Output.concat(
        f"arn:{world}:logs:{where.region}:", where.account, ":log-group:/aws/codebuild/*"
    )
    statements = [
        allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], logs),
        allow(
            ["s3:GetObject", "s3:GetObjectVersion"],
            pulumi.Output.concat(bucket, f"/mlstack/{where.owner.stack_uid}/*"),
        ),
        allow(["s3:ListBucket", "s3:GetBucketLocation", "s3:GetBucketAcl"], bucket),
        allow(["ecr:GetAuthorizationToken"], "*"),
        allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
             "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"],
            images.arn,
        ),
    ]  # fmt: skip
    if where.key is not None:
        statements.append(allow(["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"], where.key))
    return statements
