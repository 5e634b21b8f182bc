"""AWS.

SageMaker makes the log groups of jobs by itself, and logs stay (docs.aws.amazon.com/sagemaker/latest/dg/
logging-cloudwatch.html). Keys wait for their deletion for 7 to 30 days (kms/latest/developerguide/
deleting-keys.html), and so do secrets (secretsmanager/latest/userguide/manage_delete-secret.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

REGION = "eu-west-1"
SMALL: dict[str, Any] = {
    "settings": {"aws": {"role_arn": "arn:aws:iam::123456789012:role/ml"}},
    "workspace": {"existing": "ml-small"},
}
#: One of AWS's own: one of the account's would have to be there.
IMAGE = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
PRELOADED = (
    "mlstack_aws.provider",
    "mlstack_aws.resources.upload",
    "mlstack_aws.resources.job",
    "mlstack_aws.kinds",
    "mlstack_aws.rehearsal.emulation",
    "mlstack_aws.rehearsal.door",
)
EXISTING: dict[str, Any] = {
    "settings": {"aws": {"role_arn": "arn:aws:iam::123456789012:role/team"}},
    "workspace": {"existing": "team-bucket", "registry": "team/images"},
    "compute": {"mine": {"existing": "auto", "size": "cpu-m"}},
    "environments": {"img": {"existing": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/team/base:2"}},
    "data": {"lake": {"existing": "s3://team-lake/rows/"}},
    "models": {"net": {"registry": "net/3"}},
    "secrets": {"token": {"secretsmanager": "team/token"}},
}

KEPT = {
    r":log-group:/aws/(sagemaker|codebuild)/": "logs stay",
    r":key/": "waiting time",
    r":secret:": "recover",
    r"/(runs|scored)/": "run wrote",
}
BY_PLATFORM = r"log-group|loggroup|log-stream"
HOLDS = {"hook", "token"}
DEARER = ("ml.m5.4xlarge", [])
KEYED = False
HELD = ""


#: A policy by which a role may do nothing.
_NOTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'
EDITS = (
    ("Endpoint/digits-*", "tags.team", "other", "Endpoint digits"),
    ("Target/sagemaker/endpoint/digits-*/variant/*/*", "maxCapacity", 9, "Target digits-green-autoscale"),
    ("Policy/sagemaker/endpoint/digits-*/variant/*/*/*",
     "targetTrackingScalingPolicyConfiguration.targetValue", 80, "Policy digits-green-autoscale"),
    ("MetricAlarm/slow-*", "threshold", 1000, "MetricAlarm slow"),
    ("Topic/*:oncall-*", "tags.team", "other", "Topic oncall"),
    ("Budget/*", "limitAmount", "900", "Budget default"),
    ("Pipeline/retrain-*", "tags.team", "other", "Pipeline retrain"),
    ("Schedule/*/nightly-*", "scheduleExpression", "cron(0 9 * * ? *)", "Schedule nightly"),
    ("Secret/*/*/hf-token-*", "tags.team", "other", "Secret hf-token"),
    ("ModelPackageGroup/digits-*", "tags.team", "other", "ModelPackageGroup digits"),
    ("Repository/*", "imageScanningConfiguration.scanOnPush", False, "Repository default-images"),
    ("*:project/digits-builder-*", "buildTimeout", 30, "Project default-builder"),
    ("RolePolicy/digits-role-*:stack", "policy", _NOTHING, "RolePolicy default-role"),
    ("SecurityGroup/*", "tags.team", "other", "SecurityGroup default-within"),
)  # fmt: skip
DELETIONS = (
    ("Secret/*/*/hf-token-*", {"Secret hf-token", "SecretVersion hf-token"}),
    ("Endpoint/chat-*", {"Endpoint chat", "Switch chat-switch"}),
    ("MetricAlarm/slow-*", {"MetricAlarm slow"}),
    ("Schedule/*/nightly-*", {"Schedule nightly"}),
    ("Pipeline/retrain-*", {"Pipeline retrain"}),
    ("Budget/*", {"Budget default"}),
)
COMPARED = (
    "tags", "maxCapacity", "targetTrackingScalingPolicyConfiguration", "threshold", "limitAmount",
    "scheduleExpression", "imageScanningConfiguration", "buildTimeout", "policy", "endpointConfigName",
)  # fmt: skip
#: Named by what is in it, which the deleted secret's name is a part of.
BY_CONTENT = (r"(sagemaker/(?:EndpointConfiguration|Model)/[\w-]+-)[0-9a-f]{8}$",)

#: What AWS makes up anew each time, behind what is kept.
SHARED = "$^"
RANDOM = (
    r"(\b(?:vpc|subnet|rtb|sg|vpce|rtbassoc)-)[0-9a-f]{17}",
    r"(:secret:[\w/-]+-)[A-Za-z0-9]{6}",
    r"()[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
)


def things(emulated: Any) -> Iterator[tuple[str, str, bool]]:
    """What the package's types are, as they are noted and still there; what mlstack's own resources make, as
    boto3 reads it."""
    from mlstack_aws.rehearsal.adapters import Aws

    cloud = emulated.cloud
    with cloud.holding.inside(changing=False):
        for id, kind, _ in emulated.documents():
            yield id, kind, True
        aws = Aws(cloud, cloud.region)
        for bucket in aws("s3", "list_buckets")["Buckets"]:
            for each in aws("s3", "list_objects_v2", Bucket=bucket["Name"]).get("Contents") or ():
                if "/output/" not in each["Key"]:  # a run writes, when somebody looks whether it has ended
                    yield f"object {bucket['Name']}/{each['Key']}", "object", False
        for repository in aws("ecr", "describe_repositories")["repositories"]:
            for each in aws("ecr", "list_images", repositoryName=repository["repositoryName"])["imageIds"]:
                yield f"image {repository['repositoryName']}:{each.get('imageTag')}", "image", False
        for group in aws("sagemaker", "list_model_package_groups")["ModelPackageGroupSummaryList"]:
            name = group["ModelPackageGroupName"]
            listed = aws("sagemaker", "list_model_packages", ModelPackageGroupName=name)
            for each in listed["ModelPackageSummaryList"]:
                yield each["ModelPackageArn"], f"version of {name}", False
        for each in aws("sagemaker", "list_training_jobs")["TrainingJobSummaries"]:
            yield each["TrainingJobArn"], "training job", False
        for each in aws("sagemaker", "list_inference_components")["InferenceComponents"]:
            yield each["InferenceComponentName"], "inference component", False


def held(emulated: Any) -> dict[str, Any]:
    """What `EXISTING` names, which the package has not made, as boto3 reads it."""
    from mlstack_aws.rehearsal.adapters import Aws

    cloud = emulated.cloud
    calls = (
        *(("s3", call, {"Bucket": bucket})
          for call in ("get_bucket_location", "list_objects_v2") for bucket in ("team-bucket", "team-lake")),
        *(("iam", call, {"RoleName": "team"})
          for call in ("get_role", "list_role_policies", "list_attached_role_policies", "list_role_tags")),
        ("secretsmanager", "describe_secret", {"SecretId": "team/token"}),
        ("secretsmanager", "get_secret_value", {"SecretId": "team/token"}),
        *(("ecr", "describe_images", {"repositoryName": name}) for name in ("team/base", "team/images")),
        ("sagemaker", "list_model_packages", {"ModelPackageGroupName": "net"}),
    )  # fmt: skip
    aws = Aws(cloud, cloud.region)
    with cloud.holding.inside(changing=False):
        return {f"{call} {named}": aws(service, call, **named) for service, call, named in calls}


def id(emulated: Any, type: str, id: str) -> str:
    _, module, kind = type.split(":")
    return f"{module.partition('/')[0]}/{kind}/{id}"


def _weights(emulation: Any) -> Any:
    """The part of the requests that each variant of the endpoint digits gets."""
    told = emulation.cloud.call("sagemaker", "describe_endpoint", {"EndpointName": _digits(emulation)})
    return {one["VariantName"]: one["DesiredWeight"] for one in told["ProductionVariants"]}


def _shift(emulation: Any) -> None:
    """All to one variant, by hand."""
    wanted = [
        {"VariantName": name, "DesiredWeight": float(number == 0)}
        for number, name in enumerate(sorted(_weights(emulation)))
    ]
    emulation.cloud.call(
        "sagemaker",
        "update_endpoint_weights_and_capacities",
        {"EndpointName": _digits(emulation), "DesiredWeightsAndCapacities": wanted},
    )


def _packages(emulation: Any) -> Any:
    """Which versions of models may be deployed."""
    listed = emulation.cloud.call("sagemaker", "list_model_packages", {"ModelPackageType": "Versioned"})
    return {one["ModelPackageArn"]: one["ModelApprovalStatus"] for one in listed["ModelPackageSummaryList"]}


def _reject(emulation: Any) -> None:
    for arn in _packages(emulation):
        wanted = {"ModelPackageArn": arn, "ModelApprovalStatus": "Rejected"}
        emulation.cloud.call("sagemaker", "update_model_package", wanted)


def _digits(emulation: Any) -> str:
    listed = emulation.cloud.call("sagemaker", "list_endpoints", {"NameContains": "digits"})
    return str(listed["Endpoints"][0]["EndpointName"])


CALLS = ((_shift, _weights, "Switch digits-switch"), (_reject, _packages, "ModelPackage digits-version"))
