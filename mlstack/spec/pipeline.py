"""Pipelines: steps that follow one another."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mlstack.spec.base import Resource, Spec
from mlstack.spec.faults import fault, shown
from mlstack.spec.placeholders import PLACEHOLDER, Holds
from mlstack.spec.references import DeploymentRef, EndpointRef, JobRef, NotificationRef, Ref, StepRef, Value
from mlstack.spec.rollout import Rollout
from mlstack.spec.text import Name, Parameter
from mlstack.spec.units import Period

_OPERAND = r"""(?:\x00|-?\d+(?:\.\d+)?|"[^"]*"|'[^']*'|true|false)"""
_COMPARISON = rf"{_OPERAND}\s*(?:==|!=|<=|>=|<|>)\s*{_OPERAND}"
_CONDITION = re.compile(rf"\s*{_COMPARISON}(?:\s+(?:and|or)\s+{_COMPARISON})*\s*")


def _check_condition(value: str) -> str:
    if "\x00" not in value and _CONDITION.fullmatch(PLACEHOLDER.sub("\x00", value)):
        return value
    raise fault(
        "bad-condition",
        f"{shown(value)} is no condition",
        'compare two values, such as "${{steps.check.metrics.accuracy}} > 0.9", and join comparisons by '
        "and, or",
    )


class Approval(Spec):
    """Waits until a person agrees."""

    by: list[Annotated[str, Field(min_length=1)]] = Field(
        min_length=1, description="Who may agree: names of people or groups. At least one; required."
    )
    timeout: Period | None = Field(
        default=None,
        description="How long it waits before it counts as refused. Left out: it waits for ever.",
    )
    notify: list[NotificationRef] = Field(
        default_factory=list,
        description="Names of the notifications that ask for it. Left out: nobody is told.",
    )


class Step(Spec):
    """One step: a job, an approval, or a deployment's rollout."""

    job: JobRef | None = Field(
        default=None, description="Name of the job that is run. Left out: it is another step."
    )
    inputs: dict[Parameter, Annotated[str | Value, Ref("data", "jobs", "models", "steps", or_else=Value)]] = (
        Field(
            default_factory=dict,
            description="Inputs of the job that differ here, also as steps.NAME.OUTPUT. Left out: the "
            "job's own.",
        )
    )
    approval: Approval | None = Field(
        default=None, description="Waits until a person agrees. Left out: it is another step."
    )
    endpoint: EndpointRef | None = Field(
        default=None, description="Name of the endpoint that is deployed to. Left out: it is another step."
    )
    deployment: DeploymentRef | None = Field(
        default=None,
        description="With endpoint: the deployment that is made or renewed. Left out: all of them.",
    )
    rollout: Rollout | None = Field(
        default=None,
        description="With deployment: how it takes over the traffic. Left out: as the endpoint's `rollout` "
        "says.",
    )
    needs: list[StepRef] = Field(
        default_factory=list,
        description="Names of the steps that come before. Left out: those it has inputs from.",
    )
    when: Annotated[str, AfterValidator(_check_condition), Holds("steps")] | None = Field(
        default=None,
        description='A condition, such as "${{steps.check.metrics.accuracy}} > 0.9"; where it does not '
        "hold, this "
        "step and those that need it are left out. Left out: always.",
    )

    @model_validator(mode="after")
    def _one_sort(self) -> Self:
        given = self.given(("job", "approval", "endpoint"))
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise fault(
                "step-sort",
                f"a step is one of job, approval, endpoint; this one has {found}",
                "keep exactly one",
            )
        belongs = {"inputs": "job", "deployment": "endpoint", "rollout": "deployment"}
        for name, owner in belongs.items():
            if getattr(self, name) and not getattr(self, owner):
                raise fault(
                    "step-field",
                    f"{name} has a meaning only with {owner}",
                    f"add {owner}, or leave out {name}",
                )
        return self


class Pipeline(Resource):
    """Steps in the order of their needs; those that do not need each other run side by side."""

    steps: dict[Name, Step] = Field(min_length=1, description="The steps, by name. At least one; required.")
