"""Pipelines on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_azure.support.common import Refusal

_APPROVAL = (
    "a pipeline of Azure ML cannot wait for a person: end it before, and go on in another pipeline that the "
    "person starts, or by an approval in your deployment tool (GitHub environments, Azure DevOps)"
)
_ROLLOUT = (
    "a step of Azure ML runs a job and changes no endpoint: leave it out, and raise `traffic` in the spec by "
    "`mlstack up`"
)

UNSUPPORTED: Mapping[str, str] = {
    "pipelines.steps.approval": _APPROVAL,
    "pipelines.steps.endpoint": _ROLLOUT,
    "pipelines.steps.deployment": _ROLLOUT,
    "pipelines.steps.rollout": _ROLLOUT,
    "pipelines.steps.when": "Azure ML reads no metrics between steps: have the step before end with an "
    "error where the condition does not hold, which stops those that need it",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
