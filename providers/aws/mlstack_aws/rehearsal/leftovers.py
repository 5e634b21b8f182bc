"""What is still there when a stack is down, and what AWS keeps of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlstack.rehearsal import Kept
from mlstack_aws.rehearsal import things
from mlstack_aws.rehearsal.adapters import Aws
from mlstack_aws.rehearsal.seed import SEEDED

if TYPE_CHECKING:
    from mlstack_aws.rehearsal.cloud import Cloud

KEY = (
    "a key is deleted after a waiting time of 7 to 30 days "
    "(docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html)"
)
RECOVERABLE = (
    "a secret can be recovered for 7 to 30 days, and its name cannot be used again before "
    "(docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html)"
)
RUN = (
    "the record of a job stays "
    "(docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html)"
)
LOG = (
    "SageMaker makes the log group with the first job, and logs stay "
    "(docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html)"
)
WRITTEN = (
    "what a run wrote stays in a bucket that is not the stack's own "
    "(docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputDataConfig.html)"
)
#: Where runs write, in the stack's own folder of a bucket.
_RUNS = re.compile(r"mlstack/[^/]+/(runs|scored)/[^/]+/")
_JOBS = (("training", "TrainingJob"), ("processing", "ProcessingJob"), ("transform", "TransformJob"))


def leftovers(cloud: Cloud) -> Iterator[Kept]:
    aws = Aws(cloud, cloud.region)
    with cloud.holding.inside(changing=False):
        found = [Kept(id, "") for id, _, _ in things.there(cloud)]
        for one in aws("kms", "list_keys")["Keys"]:
            told = aws("kms", "describe_key", KeyId=one["KeyId"])["KeyMetadata"]
            if told["KeyState"] == "PendingDeletion":
                found.append(Kept(told["Arn"], KEY))
        for one in aws("secretsmanager", "list_secrets", IncludePlannedDeletion=True)["SecretList"]:
            if one.get("DeletedDate"):
                found.append(Kept(one["ARN"], RECOVERABLE))
        for kind, noun in _JOBS:
            for one in aws("sagemaker", f"list_{kind}_jobs")[f"{noun}Summaries"]:
                found.append(Kept(one[f"{noun}Arn"], RUN))
        for one in aws("logs", "describe_log_groups", logGroupNamePrefix="/aws/sagemaker/")["logGroups"]:
            found.append(Kept(one["arn"], LOG))
        found += [*_objects(aws), *_images(aws)]
    yield from found


def _objects(aws: Aws) -> Iterator[Kept]:
    """What no seeding has put there; of a run its folder, once."""
    folders = set()
    for bucket in (one["Name"] for one in aws("s3", "list_buckets")["Buckets"]):
        for one in aws("s3", "list_objects_v2", Bucket=bucket).get("Contents") or ():
            if run := _RUNS.match(one["Key"]):
                folders.add(f"s3://{bucket}/{run[0]}")
            elif aws.cloud.world.get(f"{SEEDED}/{bucket}/{one['Key']}") is None:
                yield Kept(f"s3://{bucket}/{one['Key']}", "")
    yield from (Kept(folder, WRITTEN) for folder in sorted(folders))


def _images(aws: Aws) -> Iterator[Kept]:
    for name in (one["repositoryName"] for one in aws("ecr", "describe_repositories")["repositories"]):
        for one in aws("ecr", "list_images", repositoryName=name)["imageIds"]:
            image = f"{name}:{one.get('imageTag') or one['imageDigest']}"
            if aws.cloud.world.get(f"{SEEDED}/{image}") is None:
                yield Kept(image, "")
