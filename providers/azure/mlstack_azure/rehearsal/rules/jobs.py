"""Jobs: commands and pipelines, submitted at once or by a schedule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import AML, LEARN, REST, Problem, View, between, one_of, rule
from mlstack_azure.rehearsal.rules.times import period

JOB = "machinelearningservices:Job"
_REST = REST + "azureml/jobs/create-or-update"
_YAML = LEARN + "reference-yaml-job-command"
_JOBS = ("AutoML", "Command", "Sweep", "Pipeline", "Spark", "FineTuning")
_INPUTS = ("literal", "uri_file", "uri_folder", "mltable", "custom_model", "mlflow_model", "triton_model")
_IN_MODES = ("ReadOnlyMount", "ReadWriteMount", "Download", "Direct", "EvalMount", "EvalDownload")
_OUT_MODES = ("ReadWriteMount", "Upload", "Direct")

one_of("job-type", JOB, "properties.jobType", _JOBS, _REST)
between(
    "job-nodes", JOB, "properties.resources.instanceCount", 1, 65000, _YAML + ": resources.instance_count"
)


def job_problems(x: View) -> Iterator[Problem]:
    """What is wrong with the properties of a job, at paths below them. A schedule's job is judged too."""
    if x["jobType"] == "Command":
        yield from _command(x)
    for name, one in x.map("inputs").items():
        view = View(one if isinstance(one, dict) else {})
        if isinstance(view["jobInputType"], str) and view["jobInputType"] not in _INPUTS:
            yield (
                f"inputs.{name}.jobInputType",
                f"{view['jobInputType']!r} is not one of {', '.join(_INPUTS)}",
            )
        if isinstance(view["mode"], str) and view["mode"] not in _IN_MODES:
            yield f"inputs.{name}.mode", f"{view['mode']!r} is not one of {', '.join(_IN_MODES)}"
        if view["jobInputType"] == "literal" and view.missing("value"):
            yield f"inputs.{name}.value", "a literal has a value"
    for name, one in x.map("outputs").items():
        view = View(one if isinstance(one, dict) else {})
        kind = view["jobOutputType"]
        if isinstance(kind, str) and kind not in _INPUTS[1:]:
            yield f"outputs.{name}.jobOutputType", f"{kind!r} is not one of {', '.join(_INPUTS[1:])}"
        if isinstance(view["mode"], str) and view["mode"] not in _OUT_MODES:
            yield f"outputs.{name}.mode", f"{view['mode']!r} is not one of {', '.join(_OUT_MODES)}"
    timeout = x["limits.timeout"]
    if isinstance(timeout, str) and not period(timeout):
        yield "limits.timeout", f"{timeout!r} is no ISO 8601 duration such as PT2H"


def _command(x: View) -> Iterator[Problem]:
    command = x["command"]
    if x.missing("command"):
        yield "command", "a command job has a command"
    if x.missing("environmentId"):
        yield "environmentId", "a command job runs in an environment"
    for which, key in (("inputs", "inputs"), ("outputs", "outputs")):
        named = x.map(key)
        if not isinstance(command, str) or not x.all_known(key):
            continue
        for name in re.findall(rf"\$\{{\{{\s*{which}\.([\w-]+)\s*\}}\}}", command):
            if name not in named:
                yield "command", f"uses {which}.{name}, which is not among the job's {which}"
    kind = x["distribution.distributionType"]
    if isinstance(kind, str) and kind not in ("PyTorch", "TensorFlow", "Mpi", "Ray"):
        yield "distribution.distributionType", f"{kind!r} is not one of PyTorch, TensorFlow, Mpi, Ray"
    count = x["distribution.processCountPerInstance"]
    if isinstance(count, (int, float)) and count < 1:
        yield "distribution.processCountPerInstance", f"{count:g} is less than 1"


@rule("job-body", JOB, source=_REST + ": CommandJob; " + AML + "entities/_job/command_job.py")
def body(x: View) -> Iterator[Problem]:
    """Commands name inputs and outputs that exist; inputs, outputs and modes are of the platform's types."""
    properties = x["properties"]
    for path, message in job_problems(View(properties if isinstance(properties, dict) else {})):
        yield f"properties.{path}", message


@rule("pipeline-steps", JOB, source=LEARN + "reference-yaml-job-pipeline: jobs")
def steps(x: View) -> Iterator[Problem]:
    """Steps of a pipeline refer to steps of the same pipeline."""
    if x["properties.jobType"] != "Pipeline":
        return
    jobs = x.map("properties.jobs")
    if x.missing("properties.jobs") and x.missing("properties.componentId"):
        yield "properties.jobs", "a pipeline has steps"
    for name, step in jobs.items():
        text = repr(step)
        for other in re.findall(r"\$\{\{parent\.jobs\.([\w-]+)\.", text):
            if other not in jobs:
                yield f"properties.jobs.{name}", f"refers to the step {other!r}, which does not exist"
        for given in re.findall(r"\$\{\{parent\.inputs\.([\w-]+)", text):
            if x.all_known("properties.inputs") and given not in x.map("properties.inputs"):
                yield (
                    f"properties.jobs.{name}",
                    f"refers to the pipeline's input {given!r}, which does not exist",
                )
