"""Training, processing and transform jobs: limits of time, images, places of data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_aws.rehearsal.rules.base import SAGEMAKER, Problem, View, rule

_STOP = SAGEMAKER.format("StoppingCondition")
_TRAINING = SAGEMAKER.format("CreateTrainingJob")
_MOST = 28 * 24 * 3600


@rule("training-time", "sagemaker", "CreateTrainingJob", source=_STOP + ": the longest is 28 days")
def longest(x: View) -> Iterator[Problem]:
    seconds = x["StoppingCondition.MaxRuntimeInSeconds"]
    if isinstance(seconds, int) and seconds > _MOST:
        yield "StoppingCondition.MaxRuntimeInSeconds", f"{seconds} is more than 28 days, {_MOST}"


@rule("processing-time", "sagemaker", "CreateProcessingJob",
      source=SAGEMAKER.format("ProcessingStoppingCondition") + ": the longest is 7 days")  # fmt: skip
def processing(x: View) -> Iterator[Problem]:
    seconds = x["StoppingCondition.MaxRuntimeInSeconds"]
    if isinstance(seconds, int) and seconds > 7 * 24 * 3600:
        yield "StoppingCondition.MaxRuntimeInSeconds", f"{seconds} is more than 7 days"


@rule("spot-wait", "sagemaker", "CreateTrainingJob", source=_STOP + ": MaxWaitTimeInSeconds")
def spot(x: View) -> Iterator[Problem]:
    wait, run = x["StoppingCondition.MaxWaitTimeInSeconds"], x["StoppingCondition.MaxRuntimeInSeconds"]
    path = "StoppingCondition.MaxWaitTimeInSeconds"
    if x["EnableManagedSpotTraining"]:
        if x.missing(path):
            yield path, "spot training needs it"
        elif isinstance(wait, int) and isinstance(run, int) and wait < run:
            yield path, f"{wait} is less than MaxRuntimeInSeconds, {run}"
    elif x.given(path):
        yield path, "is for spot training alone"


@rule("training-image", "sagemaker", "CreateTrainingJob", source=SAGEMAKER.format("AlgorithmSpecification"))
def image(x: View) -> Iterator[Problem]:
    given = [key for key in ("TrainingImage", "AlgorithmName") if x.given(f"AlgorithmSpecification.{key}")]
    lacking = all(x.missing(f"AlgorithmSpecification.{key}") for key in ("TrainingImage", "AlgorithmName"))
    if len(given) > 1 or lacking:
        yield "AlgorithmSpecification", "needs either a training image or an algorithm"


@rule("channels-unique", "sagemaker", "CreateTrainingJob", source=_TRAINING + ": InputDataConfig")
def channels(x: View) -> Iterator[Problem]:
    seen: set[str] = set()
    for one in x.list("InputDataConfig"):
        name = one.text("ChannelName")
        if name in seen:
            yield one.path("ChannelName"), f"{name!r} is the name of more than one channel"
        seen.add(name)


@rule("training-places", "sagemaker", "CreateTrainingJob", source=SAGEMAKER.format("OutputDataConfig"))
def places(x: View) -> Iterator[Problem]:
    path = x.text("OutputDataConfig.S3OutputPath")
    if path and not path.startswith("s3://"):
        yield "OutputDataConfig.S3OutputPath", f"{path!r} must be in S3"


@rule("machines-unknown", "sagemaker", "CreateTrainingJob", source=SAGEMAKER.format("ResourceConfig"))
def machines(x: View) -> Iterator[Problem]:
    if x.missing("ResourceConfig.InstanceType") and x.missing("ResourceConfig.InstanceGroups"):
        yield "ResourceConfig.InstanceType", "is missing"
    kind = x.text("ResourceConfig.InstanceType")
    if kind and not re.match(r"ml\.", kind):
        yield "ResourceConfig.InstanceType", f"{kind!r} is no machine of SageMaker: they begin with ml."


@rule("processing-paths", "sagemaker", "CreateProcessingJob", source=SAGEMAKER.format("ProcessingS3Output"))
def processing_paths(x: View) -> Iterator[Problem]:
    ends = x.list("ProcessingInputs") + x.list("ProcessingOutputConfig.Outputs")
    for one in ends:
        for key in ("S3Input", "S3Output"):
            path = one.text(f"{key}.LocalPath")
            if path and not path.startswith("/opt/ml/processing/"):
                yield one.path(f"{key}.LocalPath"), f"{path!r} is not below /opt/ml/processing/"
    names = [one.text("InputName") or one.text("OutputName") for one in ends]
    for name in {name for name in names if name and names.count(name) > 1}:
        yield "ProcessingInputs", f"{name!r} names more than one input or output"
