"""The id of each type that the builders make, by the inputs that name it.

Source: the page of each type in Pulumi's registry (or Terraform's), "Import"; where AWS itself chooses the id
(a key, a network) there is none to know: `mlstack_aws.chosen` asks for that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

#: Module and class of pulumi-aws -> the id. ``{account}`` is known where another resource's ARN tells it.
IDS: Mapping[str, str] = {
    "s3:Bucket": "{bucket}",
    "s3:BucketLifecycleConfiguration": "{bucket}",
    "s3:BucketPolicy": "{bucket}",
    "s3:BucketPublicAccessBlock": "{bucket}",
    "s3:BucketServerSideEncryptionConfiguration": "{bucket}",
    "s3:BucketVersioning": "{bucket}",
    "iam:Role": "{name}",
    "iam:RolePolicy": "{role}:{name}",
    "iam:RolePolicyAttachment": "{role}/{policyArn}",
    "ecr:Repository": "{name}",
    "ecr:LifecyclePolicy": "{repository}",
    "codebuild:Project": "arn:aws:codebuild:{region}:{account}:project/{name}",
    "kms:Alias": "{name}",
    "cloudwatch:LogGroup": "{name}",
    "cloudwatch:MetricAlarm": "{name}",
    "cloudwatch:Dashboard": "{dashboardName}",
    "cloudwatch:EventRule": "{name}",
    "cloudwatch:EventTarget": "{rule}-{targetId}",
    "sns:Topic": "arn:aws:sns:{region}:{account}:{name}",
    "sns:TopicPolicy": "{arn}",
    "sagemaker:Model": "{name}",
    "sagemaker:EndpointConfiguration": "{name}",
    "sagemaker:Endpoint": "{name}",
    "sagemaker:ModelPackageGroup": "{modelPackageGroupName}",
    "sagemaker:DataQualityJobDefinition": "{name}",
    "sagemaker:MonitoringSchedule": "{name}",
    "sagemaker:Pipeline": "{pipelineName}",
    "appautoscaling:Target": "{serviceNamespace}/{resourceId}/{scalableDimension}",
    "appautoscaling:Policy": "{serviceNamespace}/{resourceId}/{scalableDimension}/{name}",
    "scheduler:Schedule": "{groupName}/{name}",
    "scheduler:ScheduleGroup": "{name}",
    "budgets:Budget": "{account}:{name}",
}

_TOKEN = re.compile(r"aws:(?P<module>\w+)/\w+:(?P<name>\w+)")
_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):")


def physical_id(
    token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
) -> str | None:
    """The id, or None where an input that it is made of is not known."""
    parts = _TOKEN.fullmatch(token)
    pattern = IDS.get(f"{parts['module']}:{parts['name']}") if parts else None
    if pattern is None:
        return None
    known = {"region": account.get("AWS_REGION"), **inputs}
    if "{account}" in pattern:
        known["account"] = next((found[1] for id in ids if (found := _ARN.match(id))), None)
    needed = re.findall(r"\{(\w+)\}", pattern)
    if any(not isinstance(known.get(name), str) for name in needed):
        return None
    return pattern.format(**{name: known[name] for name in needed})
