"""Pipelines: their definition."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_aws.rehearsal.rules.base import DOCS, SAGEMAKER, Problem, Site, View, condition, invalid, rule

_SCHEMA = "aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema"
_TYPES = frozenset(
    [
        "AutoML",
        "Callback",
        "ClarifyCheck",
        "Condition",
        "EMR",
        "EMRServerless",
        "EndpointConfig",
        "Endpoint",
        "Fail",
        "InferenceComponent",
        "Join",
        "Lambda",
        "Model",
        "QualityCheck",
        "Processing",
        "RegisterModel",
        "Training",
        "Transform",
        "Tuning",
        "NotebookJob",
        "Bedrock",
    ]
)


@rule("pipeline-definition", "sagemaker", "CreatePipeline", "UpdatePipeline", source=_SCHEMA)
def definition(x: View) -> Iterator[Problem]:
    path = "PipelineDefinition"
    text = x.text(path)
    if not text:
        return
    try:
        body = json.loads(text)
    except ValueError as problem:
        yield path, f"is no JSON: {problem}"
        return
    if not isinstance(body, dict) or body.get("Version") != "2020-12-01":
        yield path, 'must have Version "2020-12-01"'
        return
    steps = body.get("Steps")
    if not isinstance(steps, list) or not steps:
        yield path, "has no Steps"
        return
    names = Counter(one.get("Name") for one in steps if isinstance(one, dict))
    for one in steps:
        name = one.get("Name")
        if not name or names[name] > 1:
            yield path, f"the name {name!r} is missing or not unique among the steps"
        if one.get("Type") not in _TYPES:
            yield path, f"step {name!r}: {one.get('Type')!r} is no type of step"
        if one.get("Type") not in ("Fail", "Condition", "EMR", "Join") and "Arguments" not in one:
            yield path, f"step {name!r} has no Arguments"
        for other in one.get("DependsOn") or []:
            if other not in names:
                yield path, f"step {name!r} depends on {other!r}, which is no step"


@rule("pipeline-source", "sagemaker", "CreatePipeline", source=SAGEMAKER.format("CreatePipeline"))
def either(x: View) -> Iterator[Problem]:
    keys = ("PipelineDefinition", "PipelineDefinitionS3Location")
    if all(x.given(key) for key in keys) or all(x.missing(key) for key in keys):
        yield "PipelineDefinition", "a pipeline has either the definition or its place in S3"


_TARGET = DOCS + "scheduler/latest/UserGuide/managing-targets-{}.html"
_PIPELINE = re.compile(r"arn:aws[a-z-]*:sagemaker:([a-z0-9-]+):(\d{12}):pipeline/([a-zA-Z0-9-]+)")
_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:sagemaker:startPipelineExecution"


@rule("pipeline-target", "scheduler", "CreateSchedule", "UpdateSchedule",
      source=_TARGET.format("templated") + "; " + _TARGET.format("universal"))  # fmt: skip
def target(x: View) -> Iterator[Problem]:
    arn, given = x.text("Target.Arn"), "Target.SageMakerPipelineParameters"
    if arn and not _PIPELINE.fullmatch(arn) and x.given(given):
        yield given, "is for targets that are pipelines of SageMaker alone"
    if arn.lower() == _UNIVERSAL.lower():
        body = _json(x.text("Target.Input"))
        if x.given("Target.Input") and not (isinstance(body, dict) and body.get("PipelineName")):
            yield "Target.Input", "is to be the JSON of StartPipelineExecution, with PipelineName"
    names = [one.text("Name") for one in x.list(f"{given}.PipelineParameterList")]
    for name in {name for name in names if name and names.count(name) > 1}:
        yield f"{given}.PipelineParameterList", f"{name!r} is given more than once"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@condition("pipeline-started", "scheduler", "CreateSchedule", "UpdateSchedule",
           source=SAGEMAKER.format("StartPipelineExecution") + ": PipelineParameters")  # fmt: skip
def started(site: Site, x: View, region: str) -> Iterator[CloudFault]:
    """Said when the schedule is made; the service itself would fail at each of its times."""
    match = _PIPELINE.fullmatch(x.text("Target.Arn"))
    if match is None or match[2] != site.account:
        return
    told = site.look("sagemaker", "describe_pipeline", {"PipelineName": match[3]}, match[1])
    if told is None:
        yield invalid(f"Pipeline {x.text('Target.Arn')} does not exist.")
        return
    known = {one.get("Name") for one in (_json(told["PipelineDefinition"]) or {}).get("Parameters") or []}
    for one in x.list("Target.SageMakerPipelineParameters.PipelineParameterList"):
        if one.text("Name") not in known:
            yield invalid(f"Pipeline {match[3]} has no parameter {one.text('Name')!r}.")
