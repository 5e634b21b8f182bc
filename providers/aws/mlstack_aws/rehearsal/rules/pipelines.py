"""Pipelines: their definition."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from mlstack_aws.rehearsal.rules.base import SAGEMAKER, Problem, View, rule

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
