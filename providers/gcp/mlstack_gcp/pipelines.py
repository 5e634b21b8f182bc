"""A pipeline of jobs as Vertex AI Pipelines runs it: the pipeline spec of Kubeflow Pipelines, as data.

Each step is Google's own launcher of custom jobs, with the body that the job has on its own: so machine,
spot, nodes, secrets and all else are the same in both. Steps hand on places in the bucket, which are known
before the run: they lie below the run's number, for which the platform fills in a placeholder.

A condition is a task of its own before its step: it reads the numbers, and says "true" or "false", on which
the trigger of the step, and of all that need it, depends.

Sources: kubeflow/pipelines, api/v2alpha1/pipeline_spec.proto (TriggerPolicy is a task's);
google_cloud_pipeline_components 2.22.0, `v1.custom_job.component` and
`utils.build_serverless_customjob_container_spec`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack_gcp.conditions import FILE, METRICS, Comparison, Operand
from mlstack_gcp.jobs.asked import Asked
from mlstack_gcp.jobs.body import custom_job
from mlstack_gcp.jobs.script import output_uri

LAUNCHER = "gcr.io/ml-pipeline/google-cloud-pipeline-components:2.22.0"
_COMMAND = ["python3", "-u", "-m", "google_cloud_pipeline_components.container.v1.custom_job.launcher"]
_RUN = "{{$.pipeline_job_uuid}}"
#: Stands for the placeholder until commands are quoted: a shell's quoting would break it.
_STANDS = "mlstack-pipeline-run"
#: What a condition puts out: "true" or "false".
_GO = "go"
_DECIDE = files("mlstack_gcp.jobs").joinpath("decide.py").read_text(encoding="utf-8")


class Step(BaseModel):
    """``flows``: input -> (step, output) of what comes from other steps; ``after``: what comes before;
    ``when``: the condition; ``under``: the steps whose conditions have to hold, itself among them."""

    model_config = ConfigDict(extra="forbid")

    job: Asked
    flows: dict[str, tuple[str, str]] = Field(default_factory=dict)
    after: list[str] = Field(default_factory=list)
    retries: int = 0
    when: list[list[Comparison]] | None = None
    under: list[str] = Field(default_factory=list)


class Definition(BaseModel):
    """``place``: the folder ("gs://…") below which each run has one of its own."""

    model_config = ConfigDict(extra="forbid")

    name: str
    project: str
    location: str
    place: str
    steps: dict[str, Step]


def pipeline_spec(definition: Definition) -> dict[str, Any]:
    """The pipeline spec, as JSON."""
    steps = definition.steps
    gated = [name for name, step in steps.items() if step.when is not None]
    tasks = {name: _task(name, step) for name, step in steps.items()}
    components = {f"comp-{name}": _component(name, step.under) for name, step in steps.items()}
    executors = {f"exec-{name}": _executor(definition, name) for name in steps}
    for name in gated:
        gate = _gate(name)
        tasks[gate] = _gate_task(name, steps)
        components[f"comp-{gate}"] = _component(gate, _above(name, steps), _GO)
        executors[f"exec-{gate}"] = _decider(definition, name)
    return {
        "pipelineInfo": {"name": definition.name},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.13.0",
        "root": {"dag": {"tasks": tasks}},
        "components": components,
        "deploymentSpec": {"executors": executors},
    }


def _gate(step: str) -> str:
    """The task that decides about a step: no step's name has an underscore."""
    return f"{step}_when"


def _above(name: str, steps: Mapping[str, Step]) -> list[str]:
    """The conditions under which that of a step is looked at."""
    return [each for each in steps[name].under if each != name]


def _gate_task(name: str, steps: Mapping[str, Step]) -> dict[str, Any]:
    read = {each.step for part in steps[name].when or () for one in part for each in (one.left, one.right)}
    before = sorted(each for each in read if each is not None)
    gate = _gate(name)
    task: dict[str, Any] = {
        "taskInfo": {"name": gate},
        "componentRef": {"name": f"comp-{gate}"},
        "cachingOptions": {},
    }
    return _triggered(task, before, _above(name, steps))


def _triggered(task: dict[str, Any], before: list[str], under: list[str]) -> dict[str, Any]:
    """The task, after others, where all of some conditions hold."""
    before = sorted({*before, *map(_gate, under)})
    if before:
        task["dependentTasks"] = before
    if under:
        task["inputs"] = {
            "parameters": {
                _gate(each): {"taskOutputParameter": {"producerTask": _gate(each), "outputParameterKey": _GO}}
                for each in under
            }
        }
        parts = (f"inputs.parameter_values['{_gate(each)}'] == 'true'" for each in under)
        task["triggerPolicy"] = {"condition": " && ".join(parts)}
    return task


def _task(name: str, step: Step) -> dict[str, Any]:
    task: dict[str, Any] = {
        "taskInfo": {"name": name},
        "componentRef": {"name": f"comp-{name}"},
        # the same inputs must not bring back what an earlier run made
        "cachingOptions": {},
    }
    before = sorted({*step.after, *(other for other, _ in step.flows.values())})
    if step.retries:
        task["retryPolicy"] = {
            "maxRetryCount": step.retries,
            "backoffDuration": "0s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "3600s",
        }
    return _triggered(task, before, step.under)


def _component(name: str, under: list[str], output: str = "gcp_resources") -> dict[str, Any]:
    text = {"parameterType": "STRING"}
    found: dict[str, Any] = {
        "executorLabel": f"exec-{name}",
        "outputDefinitions": {"parameters": {output: text}},
    }
    if under:
        found["inputDefinitions"] = {"parameters": {_gate(each): text for each in under}}
    return found


def _decider(definition: Definition, name: str) -> dict[str, Any]:
    """The container that looks at a condition. The launcher's image has Python and the client for storage."""
    condition = [
        [
            {side: _told(definition, getattr(each, side)) for side in ("left", "right")} | {"sign": each.sign}
            for each in part
        ]
        for part in definition.steps[name].when or ()
    ]
    text = json.dumps(condition, sort_keys=True).replace(_STANDS, _RUN)
    return {
        "container": {
            "image": LAUNCHER,
            "command": ["python3", "-u", "-c", _DECIDE],
            "args": [text, f"{{{{$.outputs.parameters['{_GO}'].output_file}}}}"],
        }
    }


def _told(definition: Definition, operand: Operand) -> dict[str, Any]:
    if operand.step is None:
        return {"value": operand.value}
    job = definition.steps[operand.step].job
    uri = output_uri(job, METRICS, _base(definition, operand.step))
    return {"uri": f"{uri}{FILE}" if uri.endswith("/") else uri, "path": operand.path}


def _executor(definition: Definition, name: str) -> dict[str, Any]:
    step = definition.steps[name]
    flowing = {
        key: {"uri": output_uri(definition.steps[other].job, output, _base(definition, other))}
        for key, (other, output) in step.flows.items()
    }
    held = step.job.model_dump()
    job = Asked.model_validate({**held, "inputs": {**held["inputs"], **flowing}})
    payload = json.dumps(custom_job(job, name, _base(definition, name)), sort_keys=True)
    return {
        "container": {
            "image": LAUNCHER,
            "command": _COMMAND,
            "args": [
                "--type",
                "CustomJob",
                "--payload",
                payload.replace(_STANDS, _RUN),
                "--project",
                definition.project,
                "--location",
                definition.location,
                "--gcp_resources",
                "{{$.outputs.parameters['gcp_resources'].output_file}}",
            ],
        }
    }


def _base(definition: Definition, step: str) -> str:
    return f"{definition.place}/{definition.name}/{_STANDS}/{step}"


def pipeline_job(
    spec: Mapping[str, Any], definition: Definition, labels: Mapping[str, str]
) -> dict[str, Any]:
    """The message PipelineJob, in snake_case, of one run."""
    runs = next(iter(definition.steps.values())).job.runs
    job: dict[str, Any] = {
        "display_name": definition.name,
        "pipeline_spec": dict(spec),
        "runtime_config": {"gcs_output_directory": f"{definition.place}/{definition.name}"},
        "labels": dict(labels),
    }
    for key, value in (("service_account", runs.service_account), ("network", runs.network)):
        if value is not None:
            job[key] = value
    if runs.key is not None:
        job["encryption_spec"] = {"kms_key_name": runs.key}
    return job
