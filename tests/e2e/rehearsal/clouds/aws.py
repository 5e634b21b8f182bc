"""AWS.

SageMaker makes the log groups of jobs by itself, and logs stay (docs.aws.amazon.com/sagemaker/latest/dg/
logging-cloudwatch.html). Keys wait for their deletion for 7 to 30 days (kms/latest/developerguide/
deleting-keys.html), and so do secrets (secretsmanager/latest/userguide/manage_delete-secret.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

REGION = "eu-west-1"
PRELOADED = (
    "mlstack_aws.provider",
    "mlstack_aws.resources.upload",
    "mlstack_aws.resources.job",
    "mlstack_aws.kinds",
    "mlstack_aws.rehearsal.emulation",
    "mlstack_aws.rehearsal.door",
)

KEPT = {
    r":log-group:/aws/(sagemaker|codebuild)/": "logs stay",
    r":key/": "pending deletion",
    r":secret:": "recover",
}
BY_PLATFORM = r"log-group|loggroup|log-stream"
HELD = ""

#: What AWS makes up anew each time, behind what is kept.
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


def id(emulated: Any, type: str, id: str) -> str:
    _, module, kind = type.split(":")
    return f"{module.partition('/')[0]}/{kind}/{id}"
