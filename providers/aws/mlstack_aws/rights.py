"""What the execution role may do: as little as the stack needs, in one policy; builders add to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.provider import Build
from mlstack_aws.arns import lift, partition
from mlstack_aws.place import Place, place

if TYPE_CHECKING:
    from pulumi_aws import iam

Statement = dict[str, Any]

#: What a secret of the stack is named with, so that the role can be given just these.
SECRETS = "mlstack"


def allow(actions: Sequence[str], resources: Any, condition: Any = None) -> Statement:
    found = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    return {**found, "Condition": condition} if condition else found


def document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """A policy's text. Values may be Outputs."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def trust(*services: str) -> str:
    """The text that lets services of AWS ("sagemaker") take a role."""
    principals = [f"{service}.amazonaws.com" for service in services]
    statement = {"Effect": "Allow", "Principal": {"Service": principals}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)


def grant(build: Build, statements: Sequence[Statement], *suffixes: str) -> iam.RolePolicy | None:
    """More rights for the execution role, for what this one resource needs. A role that is not the stack's
    own stays as it is: None."""
    from pulumi_aws import iam

    where = place(build)
    if where.role_name is None:
        return None
    return build.make(
        iam.RolePolicy, *suffixes, "access",
        name="-".join((build.kind, build.name, *suffixes)), role=where.role_name, policy=document(statements),
    )  # fmt: skip


def reading(build: Build, uri: Any, *suffixes: str) -> iam.RolePolicy | None:
    """The right to read what is at ``s3://BUCKET/KEY``, which is not in the stack's own bucket."""
    start = f"arn:{partition(place(build).region)}:s3:::"
    found = lift(uri, lambda text: text.removeprefix("s3://"))
    bucket = lift(found, lambda text: f"{start}{text.partition('/')[0]}")
    statements = [
        allow(["s3:GetObject"], lift(found, lambda text: f"{start}{text if '/' in text else text + '/'}*")),
        allow(["s3:ListBucket", "s3:GetBucketLocation"], bucket),
    ]
    return grant(build, statements, *suffixes)


def execution(build: Build, where: Place) -> list[Statement]:
    """What every model, job and pipeline of the stack needs.

    Source: SageMaker AI developer guide, "How to use SageMaker AI execution roles", the policies of each
    operation, with resources narrowed to the stack's own where AWS can narrow them.
    """
    region, account = where.region, where.account
    world = partition(region)
    bucket = pulumi.Output.concat(f"arn:{world}:s3:::", where.bucket)

    def here(service: str, resource: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(f"arn:{world}:{service}:{region}:", account, f":{resource}")

    kinds = ("training-job", "processing-job", "transform-job", "model", "model-package", "pipeline")
    statements = [
        allow(
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            pulumi.Output.concat(bucket, "/*"),
        ),
        allow(["s3:ListBucket", "s3:GetBucketLocation"], bucket),
        allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
              here("logs", "log-group:/aws/sagemaker/*")),
        allow(["cloudwatch:PutMetricData"], "*",
              {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*", "mlstack/*"]}}),
        allow(["ecr:GetAuthorizationToken"], "*"),
        allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
              f"arn:{world}:ecr:{region}:*:repository/*"),
        allow(["secretsmanager:GetSecretValue"],
              here("secretsmanager", f"secret:{SECRETS}/{build.stack_uid}/*")),
        allow(
            [f"sagemaker:{verb}{kind}Job" for kind in ("Training", "Processing", "Transform")
             for verb in ("Create", "Describe", "Stop")]
            + ["sagemaker:CreateModel", "sagemaker:DescribeModel", "sagemaker:DeleteModel",
               "sagemaker:DescribeModelPackage", "sagemaker:StartPipelineExecution", "sagemaker:AddTags"],
            [here("sagemaker", f"{kind}/*") for kind in kinds],
        ),
        # what an endpoint that goes over is taken back by ("Auto-Rollback Configuration and Monitoring")
        allow(["cloudwatch:DescribeAlarms"], here("cloudwatch", "alarm:*")),
        # pipelines follow their steps by events
        allow(["events:PutRule", "events:PutTargets", "events:DescribeRule"],
              here("events", "rule/SageMakerPipelineExecutionEventsRule")),
    ]  # fmt: skip
    if where.key is not None:
        statements.append(
            allow(
                ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"],
                where.key,
            )
        )  # fmt: skip
    if where.network is not None:
        statements.append(allow(_INTERFACES, "*"))
    return statements


def passing(where: Place, role: Any) -> Statement:
    """A pipeline's steps run as the role that the pipeline itself runs as."""
    return allow(["iam:PassRole"], role, {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})


#: For network interfaces AWS takes no narrower resource. Source: the same guide, "CreateModel API".
_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
)
