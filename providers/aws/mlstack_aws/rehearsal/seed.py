"""What a spec calls existing: there before the stack, and after it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.dockerfiles import in_ecr
from mlstack_aws.rehearsal import running
from mlstack_aws.rehearsal.adapters import Aws

if TYPE_CHECKING:
    from mlstack_aws.rehearsal.cloud import Cloud

SEEDED = "aws/seeded"
_ARN = re.compile(r"arn:aws:([a-z0-9-]+):([a-z0-9-]*):(\d*):(.+)")
_IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com/([^:@]+):([\w.-]+)")
_URI = re.compile(r"s3://([^/]+)/?(.*)")


def seed(cloud: Cloud, settings: Any, existing: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Have it there. Repeating changes nothing that is there."""
    aws = Aws(cloud, cloud.region)
    with cloud.holding.inside(changing=True):
        role = getattr(settings, "role_arn", None)
        if role:
            _by_text(aws, str(role))
        for kind, fields in existing:
            name = fields.get("existing")
            if isinstance(name, str) and name != "auto":
                _named(aws, kind, name)
            for text in _texts(fields):
                _by_text(aws, text)
            _around(aws, kind, fields)


def _named(aws: Aws, kind: str, name: str) -> None:
    if _ARN.fullmatch(name) or _URI.fullmatch(name):
        return
    if kind == "workspace":
        _bucket(aws, name)
    elif kind == "environments" and not in_ecr(name):
        repository, _, tag = name.partition(":")
        _image(aws, repository, tag or "latest")


def _around(aws: Aws, kind: str, fields: Mapping[str, Any]) -> None:
    """What a workspace, a secret or a model's version names without an ARN."""
    secret = fields.get("secretsmanager")
    if isinstance(secret, str) and not _ARN.fullmatch(secret):
        _once(aws, "secretsmanager", "create_secret", Name=secret, SecretString="seeded")
    storage, registry = fields.get("storage"), fields.get("registry")
    if kind == "workspace" and isinstance(storage, str) and not _URI.fullmatch(storage):
        _bucket(aws, storage)
    if kind == "workspace" and isinstance(registry, str) and not _ARN.fullmatch(registry):
        name = registry.partition(".amazonaws.com/")[2] or registry
        _once(aws, "ecr", "create_repository", repositoryName=name)
    if kind == "models" and isinstance(registry, str) and not _ARN.fullmatch(registry):
        name, _, number = registry.partition("/")
        _package(aws, name, number)


def _by_text(aws: Aws, text: str) -> None:
    """What an ARN or an address in S3 names."""
    if match := _URI.fullmatch(text):
        if _bucket(aws, match[1]) and match[2]:
            key = match[2] + ("seeded" if match[2].endswith("/") else "")
            aws("s3", "put_object", Bucket=match[1], Key=key, Body=b"seeded")
            aws.cloud.world.put(f"{SEEDED}/{match[1]}/{key}", "seeded", {})
        return
    if (match := _IMAGE.fullmatch(text)) and match[1] == aws.account:
        _image(Aws(aws.cloud, match[2]), match[3], match[4])
        return
    match = _ARN.fullmatch(text)
    if match is None:
        return
    service, region, account, rest = match.groups()
    there = Aws(aws.cloud, region or aws.region)
    if service == "iam" and rest.startswith("role/") and account == aws.account:
        services = ["sagemaker.amazonaws.com", "codebuild.amazonaws.com", "scheduler.amazonaws.com"]
        trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        _once(aws, "iam", "create_role", RoleName=rest.rpartition("/")[2], AssumeRolePolicyDocument=document)
    elif service == "s3":
        _bucket(aws, rest.split("/")[0])
    elif service == "secretsmanager":
        name = re.sub(r"-[A-Za-z0-9]{6}$", "", rest.removeprefix("secret:"))
        _once(there, "secretsmanager", "create_secret", Name=name, SecretString="seeded")
    elif service == "sns":
        _once(there, "sns", "create_topic", Name=rest)
    elif service == "ecr" and rest.startswith("repository/"):
        _once(there, "ecr", "create_repository", repositoryName=rest.removeprefix("repository/"))
    elif service == "sagemaker" and rest.startswith("model-package/"):
        name, _, number = rest.removeprefix("model-package/").partition("/")
        _package(there, name, number)


def _bucket(aws: Aws, name: str) -> bool:
    """Whether it is there now: not under a name that no bucket can have."""
    if aws.look("s3", "head_bucket", Bucket=name) is None:
        place = {"LocationConstraint": aws.region} if aws.region != "us-east-1" else None
        try:
            aws("s3", "create_bucket", Bucket=name, CreateBucketConfiguration=place)
        except CloudFault as problem:
            if problem.code != "InvalidBucketName":
                raise
            return False  # whatever uses it is told
        aws.cloud.world.put(f"{SEEDED}/{name}", "seeded", {})
    return True


def _package(aws: Aws, name: str, number: str = "1") -> None:
    """A group with versions up to one."""
    if aws.look("sagemaker", "describe_model_package_group", ModelPackageGroupName=name) is None:
        aws("sagemaker", "create_model_package_group", ModelPackageGroupName=name)
    there = aws("sagemaker", "list_model_packages", ModelPackageGroupName=name)["ModelPackageSummaryList"]
    for _ in range(len(there), int(number) if number.isdigit() else 1):
        image = f"763104351884.dkr.ecr.{aws.region}.amazonaws.com/sklearn:1.2-1"
        aws(
            "sagemaker",
            "create_model_package",
            ModelPackageGroupName=name,
            ModelApprovalStatus="Approved",
            InferenceSpecification={
                "Containers": [{"Image": image}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
        )


def _image(aws: Aws, repository: str, tag: str) -> None:
    _once(aws, "ecr", "create_repository", repositoryName=repository)
    if aws.look("ecr", "describe_images", repositoryName=repository, imageIds=[{"imageTag": tag}]) is None:
        running.push(aws.cloud, aws.region, {"REPOSITORY": repository, "TAG": tag})
        aws.cloud.world.put(f"{SEEDED}/{repository}:{tag}", "seeded", {})


def _once(aws: Aws, service: str, operation: str, **parameters: Any) -> None:
    try:
        aws(service, operation, **parameters)
    except CloudFault as problem:
        if "xist" not in problem.code:
            raise


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
