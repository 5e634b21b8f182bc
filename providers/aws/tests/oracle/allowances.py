"""What an account holds beside what a case says, each with its reason.

A difference that no entry allows fails its case, and an entry that no case needs fails too. ``ours`` is what
the account holds, ``theirs`` what the case says.
"""

from __future__ import annotations

from tests.oracle.compare import ABSENT, Allowance

ALLOWANCES: tuple[Allowance, ...] = (
    Allowance(
        "sagemaker .*",
        r"(Model|EndpointConfig|Endpoint|ModelPackageGroup|ModelPackage|TrainingJob|Pipeline|InferenceComponent)Arn",
        "AWS makes it of the name",
        theirs=ABSENT,
    ),
    Allowance("appautoscaling target", "ScalableTargetARN", "AWS makes it up", theirs=ABSENT),
    Allowance("appautoscaling policy", "PolicyARN", "AWS makes it up", theirs=ABSENT),
    Allowance("secretsmanager secret", "ARN", "AWS makes it of the name", theirs=ABSENT),
    Allowance(
        "sagemaker training",
        r"(FinalMetricDataList|SecondaryStatusTransitions)\[0\]\..*|SecondaryStatus|ModelArtifacts\.S3ModelArtifacts"
        r"|EnableInterContainerTrafficEncryption",
        "how far it has come, and the platform's defaults, which DescribeTrainingJob tells",
        theirs=ABSENT,
    ),
    Allowance(
        "sagemaker package",
        r"ModelPackageStatusDetails\..*|CertifyForMarketplace|ModelPackageVersion",
        "the platform's own account of a version",
        theirs=ABSENT,
    ),
)
