"""Pipelines on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_gcp import conditions

_ROLLOUT = (
    "a step of Vertex AI runs a job and changes no endpoint: leave it out, and raise `traffic` in the spec "
    "by `mlstack up`"
)

UNSUPPORTED: Mapping[str, str] = {
    "pipelines.steps.approval": "a pipeline of Vertex AI cannot wait for a person: end it before, and go on "
    "in another pipeline that the person starts, or by an approval in your deployment tool",
    "pipelines.steps.endpoint": _ROLLOUT,
    "pipelines.steps.deployment": _ROLLOUT,
    "pipelines.steps.rollout": _ROLLOUT,
}
_TEXT = "it is in the definition, a text that is put together once the places of code and images are known"

NO_INPUT: Mapping[str, str] = {
    "pipelines.steps.inputs.value": _TEXT,
    "pipelines.steps.needs": _TEXT,
    "pipelines.steps.when": _TEXT,
}
WAYS: Mapping[str, Way] = {
    "pipelines.steps.when": Way(
        "of metrics of a step whose job has an output metrics",
        {"jobs": {"one": {"command": "true", "outputs": {"metrics": {"type": "file"}}}}},
    ),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, pipeline in stack.pipelines.items():
        if pipeline.tags and not any(each.pipeline == name for each in stack.schedules.values()):
            yield (
                ("pipelines", name, "tags"),
                "tags are put on the runs that a schedule starts, and none starts this pipeline",
                "leave them out, or add a schedule",
            )
        for step, each in pipeline.steps.items():
            for other in sorted(conditions.asked(each)):
                read = stack.jobs.get(str(pipeline.steps[other].job)) if other in pipeline.steps else None
                if read is not None and not conditions.has_metrics(read):
                    yield (
                        ("pipelines", name, "steps", step, "when"),
                        f"the numbers of step {other} are read from its job's output {conditions.METRICS}, "
                        "and it has none",
                        f"add outputs: {{{conditions.METRICS}: {{type: file}}}} to that job, and write JSON "
                        "there",
                    )
            job = stack.jobs.get(each.job or "")
            compute = stack.compute.get(job.compute or "") if job is not None else None
            if compute is not None and compute.existing not in (None, "auto"):
                yield (
                    ("pipelines", name, "steps", step, "job"),
                    f"jobs.{each.job} runs on a persistent resource of which the machine is not known here",
                    "give the job a compute of the stack, or none",
                )
