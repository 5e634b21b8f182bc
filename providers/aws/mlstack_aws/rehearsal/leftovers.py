"""What is still there when a stack is down, and what AWS keeps of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlstack.rehearsal import Kept
from mlstack_aws.rehearsal import things
from mlstack_aws.rehearsal.adapters import Aws

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
    yield from found
