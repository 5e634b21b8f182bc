"""A pipeline: its definition, as a file in the stack's bucket.

Vertex AI keeps runs of pipelines, and no pipelines: a schedule of the spec hands it the definition, and so
does whoever starts one from the file (the console, or ``PipelineJob(template_path=ID)``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import Job, Pipeline, Value
from mlstack.spec.pipeline import Step
from mlstack_gcp import conditions
from mlstack_gcp.kinds.job import asked, below
from mlstack_gcp.names import labels
from mlstack_gcp.pipelines import Definition, pipeline_job, pipeline_spec
from mlstack_gcp.place import place
from mlstack_gcp.uploads import upload_texts

_KEY = "gcp.pipelines"
_FILE = "pipeline.json"


def build(build: Build) -> Mapping[str, Any]:
    spec: Pipeline = build.spec
    here, under = place(build), conditions.under(spec.steps)
    told = pulumi.Output.from_input(
        {
            "name": build.name,
            "project": here.project,
            "location": here.region,
            "place": below(build, "pipelines"),
            "steps": {
                name: {**_step(build, name, step), "under": under[name]} for name, step in spec.steps.items()
            },
        }
    )
    marks = labels(build)
    text = told.apply(lambda held: _dumped(pipeline_spec(Definition.model_validate(held))))
    body = pulumi.Output.all(told, marks).apply(lambda both: _run(*both))
    build.shared.setdefault(_KEY, {})[build.name] = body
    uploaded = upload_texts(build, {_FILE: text}, "definition")
    return {"id": pulumi.Output.concat(uploaded.uri, _FILE)}


def run_of(build: Build, name: str) -> Any:
    """What starts a run of a pipeline: the message PipelineJob, as JSON text."""
    build.outputs("pipelines", name)
    return build.shared[_KEY][name]


def _run(held: Mapping[str, Any], marks: Mapping[str, str]) -> str:
    definition = Definition.model_validate(held)
    return _dumped(pipeline_job(pipeline_spec(definition), definition, marks))


def _step(build: Build, name: str, step: Step) -> dict[str, Any]:
    job: Job = build.spec_of("jobs", str(step.job))  # other sorts of steps are refused before
    inputs = {**job.inputs, **step.inputs}
    flows = {key: parts for key, given in inputs.items() if (parts := _of_step(given)) is not None}
    plain = {key: given for key, given in inputs.items() if key not in flows}
    alone = job.model_copy(update={"inputs": plain})
    return {
        "job": asked(build, alone, name),
        "flows": flows,
        "after": list(step.needs),
        "retries": job.retries,
        "when": _condition(step),
    }


def _condition(step: Step) -> list[Any] | None:
    if step.when is None:
        return None
    return [[each.model_dump() for each in part] for part in conditions.parse(step.when)]


def _of_step(given: str | Value) -> list[str] | None:
    """``steps.train.model`` as step and output; None for what is no other step's."""
    if not isinstance(given, str) or not given.startswith("steps."):
        return None
    _, name, output = given.split(".")
    return [name, output]


def _dumped(held: Mapping[str, Any]) -> str:
    return json.dumps(held, sort_keys=True, indent=1)
