"""A pipeline: `sagemaker.Pipeline` with a processing step for each job, and condition steps for ``when``.

A definition that nothing runs by itself: a schedule starts it, or ``aws sagemaker start-pipeline-execution``.
What a step puts out is below the execution's own folder. Source: SageMaker Pipelines, "Pipeline Definition
JSON Schema".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import Job, Pipeline
from mlstack.spec.pipeline import Step
from mlstack_aws import conditions, requests
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place
from mlstack_aws.work import work

_VERSION = "2020-12-01"
#: What SageMaker tries again in a pipeline: what was no fault of the command.
_PASSING = ("SageMaker.JOB_INTERNAL_ERROR", "SageMaker.CAPACITY_ERROR", "SageMaker.RESOURCE_LIMIT")


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_aws import sagemaker

    spec: Pipeline = build.spec
    where = place(build)
    made = build.make(
        sagemaker.Pipeline,
        main=True,
        options={"depends_on": list(where.resources)},
        region=where.region,
        pipeline_name=physical(build, longest=256),
        pipeline_display_name=build.name,
        role_arn=where.role,
        pipeline_definition=pulumi.Output.json_dumps(
            {"Version": _VERSION, "Metadata": {}, "Parameters": [], "Steps": _steps(build, spec)}
        ),
        tags=tags(build),
    )
    return {"id": made.arn}


def _steps(build: Build, spec: Pipeline) -> list[dict[str, Any]]:
    """The steps of the definition; those with a condition are within a condition step's branch."""
    within = conditions.guards(spec.steps)
    asked = {other for step in spec.steps.values() for other in conditions.asked(step)}
    top: list[dict[str, Any]] = []
    branches: dict[tuple[str, ...], list[dict[str, Any]]] = {(): top}
    for name in sorted(spec.steps, key=lambda each: len(within[each])):
        step, chain = spec.steps[name], within[name]
        made = _step(build, name, step, name in asked)
        if step.when is not None:
            branches[chain] = [made]
            branches[chain[:-1]].append(
                {
                    "Name": f"{name}-when",
                    "Type": "Condition",
                    "DependsOn": sorted(conditions.before(step)),
                    "Arguments": {
                        "Conditions": conditions.conditions(step.when),
                        "IfSteps": branches[chain],
                        "ElseSteps": [],
                    },
                }
            )
        else:
            if step.needs:
                made["DependsOn"] = list(step.needs)
            branches[chain].append(made)
    return top


def _step(build: Build, name: str, step: Step, asked: bool) -> dict[str, Any]:
    job: Job = build.spec_of("jobs", str(step.job))  # other sorts of steps are refused before
    if job.retries:
        build.warn(
            f"steps.{name}.job",
            f"retries of jobs.{step.job} is for faults of SageMaker's: a command that failed is not repeated",
        )
    job = job.model_copy(update={"inputs": {**job.inputs, **step.inputs}})
    made = work(build, job, name)
    if made.spot:
        build.warn(
            f"steps.{name}.job",
            f"compute.{job.compute} is of spare machines, which a step, a processing job, does not take",
        )
    outputs = {
        key: _folder(output.path) if output.path is not None else _place(build, made.where.uri, name, key)
        for key, output in job.outputs.items()
    }
    flowing = {
        key: _of_step(*given.split(".")[1:])
        for key, given in job.inputs.items()
        if isinstance(given, str) and given.startswith("steps.")
    }
    body = requests.processing(made, flowing, outputs)
    body["Tags"] = [{"Key": key, "Value": value} for key, value in tags(build).items()]
    found: dict[str, Any] = {"Name": name, "Type": "Processing", "Arguments": body}
    if asked:
        found["PropertyFiles"] = [
            {
                "PropertyFileName": conditions.METRICS,
                "OutputName": conditions.METRICS,
                "FilePath": conditions.file_of(job),
            }
        ]
    if job.retries:
        found["RetryPolicies"] = [
            {
                "ExceptionType": list(_PASSING),
                "IntervalSeconds": 30,
                "BackoffRate": 2.0,
                "MaxAttempts": job.retries,
            }
        ]
    return found


def _place(build: Build, root: Any, step: str, output: str) -> dict[str, Any]:
    """A folder of the execution's own; the empty word ends it with a slash."""
    beginning = pulumi.Output.concat(root, f"/pipelines/{build.name}")
    values = [beginning, {"Get": "Execution.PipelineExecutionId"}, step, output, ""]
    return {"Std:Join": {"On": "/", "Values": values}}


def _of_step(step: str, output: str) -> dict[str, str]:
    return {"Get": f"Steps.{step}.ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri"}


def _folder(path: Any) -> Any:
    return pulumi.Output.from_input(path).apply(lambda text: f"{text.rstrip('/')}/")
