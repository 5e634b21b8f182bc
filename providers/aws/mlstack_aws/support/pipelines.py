"""Pipelines on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.shell import literal
from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Job, Pipeline, Stack, Value, is_deferred
from mlstack_aws import conditions

_APPROVAL = (
    "a pipeline of SageMaker cannot wait for a person: end it before, and go on in another pipeline that the "
    "person starts, or by an approval in your deployment tool (GitHub environments, CodePipeline)"
)
_ROLLOUT = (
    "a step of SageMaker runs a job and changes no endpoint: leave it out, and raise `traffic` in the spec "
    "by `mlstack up`"
)

UNSUPPORTED: Mapping[str, str] = {
    "pipelines.steps.approval": _APPROVAL,
    "pipelines.steps.endpoint": _ROLLOUT,
    "pipelines.steps.deployment": _ROLLOUT,
    "pipelines.steps.rollout": _ROLLOUT,
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "pipelines.steps.when": Way(
        "of metrics of a step whose job has an output metrics",
        {"jobs": {"one": {"command": "true", "outputs": {"metrics": {"type": "file"}}}}},
    ),
}

#: Of a processing job (``CreateProcessingJob``); two of the inputs are mlstack's own.
_INPUTS, _OUTPUTS, _LONGEST = 8, 10, 256


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, pipeline in stack.pipelines.items():
        for step, path, message, remedy in (*_steps(stack, pipeline), *_nesting(pipeline)):
            yield ("pipelines", name, "steps", step, *path), message, remedy


Found = tuple[str, tuple[str, ...], str, str]


def _steps(stack: Stack, pipeline: Pipeline) -> Iterator[Found]:
    for name, step in pipeline.steps.items():
        for other in sorted(conditions.asked(step)):
            job = stack.jobs.get(str(pipeline.steps[other].job)) if other in pipeline.steps else None
            if job is not None and conditions.file_of(job) is None:
                yield (
                    name,
                    ("when",),
                    f"the numbers of step {other} are read from its job's output {conditions.METRICS}, and "
                    "it has none",
                    f"add outputs: {{{conditions.METRICS}: {{type: file}}}} to that job, "
                    "and write JSON there",
                )
        job = stack.jobs.get(str(step.job))
        if job is not None:
            for message, remedy in _limits(job, {**job.inputs, **step.inputs}):
                yield name, ("job",), message, remedy


def _limits(job: Job, inputs: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for what, most, count in (
        ("reads from", _INPUTS, sum(not isinstance(given, Value) for given in inputs.values())),
        ("writes to", _OUTPUTS, len(job.outputs)),
    ):
        if count > most:
            yield (
                f"a step {what} {most} places at most, and this one {what} {count}",
                "put some of them into one folder",
            )
    values = {name: given.value for name, given in inputs.items() if isinstance(given, Value)}
    for name, value in {**values, **job.env}.items():
        if not is_deferred(value) and len(literal(value)) > _LONGEST:
            yield (
                f"SageMaker takes {_LONGEST} characters of a variable in a step, and {name} has "
                f"{len(literal(value))}",
                "put it into a file of the job's code, or under data",
            )


def _nesting(pipeline: Pipeline) -> Iterator[Found]:
    for name in pipeline.steps:
        try:
            conditions.guards(pipeline.steps)
        except ValueError as error:
            one, other = error.args
            yield (
                name,
                ("needs",),
                f"conditions of SageMaker are within each other, and steps {one} and {other} have conditions "
                "that are not",
                f"have {other} need {one}, or have one condition for both",
            )
        return
