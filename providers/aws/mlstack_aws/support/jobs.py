"""Jobs on SageMaker: what is refused, and what makes no input.

Limits by the API: a training job has 20 channels (two are mlstack's own), values of variables have 512
characters (``CreateTrainingJob``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.shell import literal
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Job, Stack, Value, is_deferred

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "jobs.outputs.path": Way("of one folder of a job, in S3", value="s3://bucket/net"),
}

_CHANNELS = 18
_LONGEST = 512
_DAYS = 28  # StoppingCondition.MaxRuntimeInSeconds


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, job in stack.jobs.items():
        if job.timeout is not None and job.timeout > _DAYS * 86400:
            yield (
                ("jobs", name, "timeout"),
                f"a job of SageMaker is ended after {_DAYS} days",
                f"set {_DAYS}d or less, and have the job go on from what it has written",
            )
        for path, message, remedy in (*_inputs(job), *_outputs(job)):
            yield ("jobs", name, *path), message, remedy


def _inputs(job: Job) -> Iterator[Refusal]:
    channels = [name for name, given in job.inputs.items() if not isinstance(given, Value)]
    if len(channels) > _CHANNELS:
        yield (
            ("inputs",),
            f"a training job reads from {_CHANNELS} places at most beside its code, and this from "
            f"{len(channels)}",
            "put some of them into one folder",
        )
    for name in job.inputs:
        if name in ("mlstack", "mlstack-code"):
            yield ("inputs", name), f"{name} is mlstack's own name here", "give the input another name"
    values = {("inputs", name): given.value for name, given in job.inputs.items() if isinstance(given, Value)}
    for path, value in {**values, **{("env", name): value for name, value in job.env.items()}}.items():
        if not is_deferred(value) and len(literal(value)) > _LONGEST:
            yield (
                path,
                f"SageMaker takes {_LONGEST} characters of a variable, and this has {len(literal(value))}",
                "put it into a file of the job's code, or under data",
            )


def _outputs(job: Job) -> Iterator[Refusal]:
    own = [name for name, output in job.outputs.items() if output.path is not None]
    for name in own:
        output = job.outputs[name]
        path = output.path
        if output.type == "file":
            yield (
                ("outputs", name, "path"),
                "a training job puts a folder at a place of its own, and no single file",
                "write type: folder, and write the file in it; or leave path out",
            )
        elif isinstance(path, str) and not path.startswith("s3://"):
            yield (
                ("outputs", name, "path"),
                f"SageMaker writes to S3, and {path} is not there",
                "write s3://…",
            )
    for name in own[1:]:
        yield (
            ("outputs", name, "path"),
            f"a training job has one output at a place of its own, and that is {own[0]}",
            "leave path out, or have another job write it",
        )
