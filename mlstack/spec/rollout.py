"""How what is new takes over from what is there: a part of the requests first, and then more."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, StrictBool, field_validator

from mlstack.spec.base import Spec
from mlstack.spec.faults import fault
from mlstack.spec.numbers import Percent
from mlstack.spec.units import Period


class Rollout(Spec):
    """A deployment's traffic raised in steps."""

    steps: list[Percent] = Field(
        min_length=1, description="Percentages of the traffic, rising to 100. At least one; required."
    )
    every: Period = Field(description="Time between two steps. Required.")
    in_place: StrictBool = Field(
        default=False,
        description="Whether machines are renewed one part after the other, instead of a second set of them "
        "beside the first until all is well. Left out: a second set, which can be left at once.",
    )

    @field_validator("steps")
    @classmethod
    def _rising(cls, steps: list[int]) -> list[int]:
        if steps[-1] != 100 or any(a >= b for a, b in pairwise(steps)):
            raise fault(
                "bad-rollout",
                f"{steps} does not rise to 100",
                "write rising percentages, such as [10, 50, 100]",
            )
        return steps
