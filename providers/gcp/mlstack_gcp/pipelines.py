"""A pipeline of jobs as Vertex AI Pipelines runs it: the pipeline spec of Kubeflow Pipelines, as data.

Each step is Google's own launcher of custom jobs, with the body that the job has on its own: so machine,
spot, nodes, secrets and all else are the same in both. Steps hand on places in the bucket, which are known
before the run: they lie below the run's number, for which the platform fills in a placeholder.

Sources: kubeflow/pipelines, api/v2alpha1/pipeline_spec.proto; google_cloud_pipeline_components 2.22.0,
`v1.custom_job.component` and `utils.build_serverless_customjob_container_spec`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack_gcp.jobs.asked import Asked
from mlstack_gcp.jobs.body import custom_job
from mlstack_gcp.jobs.script import output_uri

LAUNCHER = "gcr.io/ml-pipeline/google-cloud-pipeline-components:2.22.0"
_COMMAND = ["python3", "-u", "-m", "google_cloud_pipeline_components.container.v1.custom_job.launcher"]
_RUN = "{{$.pipeline_job_uuid}}"
#: Stands for the placeholder until commands are quoted: a shell's quoting would break it.
_STANDS = "mlstack-pipeline-run"


class Step(BaseModel):
    """``flows``: input -> (step, output) of what comes from other steps; ``after``: what comes before."""

    model_config = ConfigDict(extra="forbid")

    job: Asked
    flows: dict[str, tuple[str, str]] = Field(default_factory=dict)
    after: list[str] = Field(default_factory=list)
    retries: int = 0


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
    return {
        "pipelineInfo": {"name": definition.name},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.13.0",
        "root": {"dag": {"tasks": {name: _task(name, step) for name, step in definition.steps.items()}}},
        "components": {f"comp-{name}": _component(name) for name in definition.steps},
        "deploymentSpec": {
            "executors": {f"exec-{name}": _executor(definition, name) for name in definition.steps}
        },
    }


def _task(name: str, step: Step) -> dict[str, Any]:
    task: dict[str, Any] = {
        "taskInfo": {"name": name},
        "componentRef": {"name": f"comp-{name}"},
        # the same inputs must not bring back what an earlier run made
        "cachingOptions": {},
    }
    before = sorted({*step.after, *(other for other, _ in step.flows.values())})
    if before:
        task["dependentTasks"] = before
    if step.retries:
        task["retryPolicy"] = {
            "maxRetryCount": step.retries,
            "backoffDuration": "0s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "3600s",
        }
    return task


def _component(name: str) -> dict[str, Any]:
    return {
        "executorLabel": f"exec-{name}",
        "outputDefinitions": {"parameters": {"gcp_resources": {"parameterType": "STRING"}}},
    }


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
