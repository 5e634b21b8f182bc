"""What machine something runs on: by size, by the cloud's own name, or by requirement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

from pydantic import Field, StrictInt, model_validator

from mlstack.spec.base import Spec
from mlstack.spec.faults import fault
from mlstack.spec.numbers import Positive
from mlstack.spec.text import Text
from mlstack.spec.units import Gpu, Memory

Size: TypeAlias = Literal["cpu-s", "cpu-m", "cpu-l", "gpu-t4", "gpu-l4", "gpu-a10", "gpu-a100", "gpu-h100"]


@dataclass(frozen=True)
class Requirement:
    """The least that a machine must have."""

    cpus: float | None = None
    memory: Memory | None = None
    gpu: Gpu | None = None
    disk: Memory | None = None


SIZES: Mapping[Size, Requirement] = {
    "cpu-s": Requirement(cpus=2, memory=Memory(8)),
    "cpu-m": Requirement(cpus=4, memory=Memory(16)),
    "cpu-l": Requirement(cpus=16, memory=Memory(60)),
    "gpu-t4": Requirement(cpus=4, memory=Memory(15), gpu=Gpu("t4")),
    "gpu-l4": Requirement(cpus=4, memory=Memory(16), gpu=Gpu("l4")),
    "gpu-a10": Requirement(cpus=4, memory=Memory(16), gpu=Gpu("a10")),
    "gpu-a100": Requirement(cpus=12, memory=Memory(85), gpu=Gpu("a100")),
    "gpu-h100": Requirement(cpus=24, memory=Memory(230), gpu=Gpu("h100")),
}
"""What every target's machine behind a size has at least; which machine that is, its provider says."""

REQUIREMENTS = ("cpus", "memory", "gpu", "disk")


class Machine(Spec):
    """The fields that choose a machine; a mix-in of what runs on one."""

    size: Size | None = Field(
        default=None,
        description="A size that every target translates into a machine of its own. Left out, with no "
        "`instance` and no requirement: cpu-s.",
    )
    instance: Text | None = Field(
        default=None,
        description="The target's own name of a machine type, such as Standard_D4s_v3. Left out: `size` or "
        "the requirements choose.",
    )
    cpus: Positive | None = Field(
        default=None,
        description="Processors that are needed at least; the cheapest machine that fits is taken. Left out: "
        "no requirement.",
    )
    memory: Memory | None = Field(
        default=None,
        description="Memory that is needed at least, in GiB or with a unit (512Mi, 16GB). Left out: no "
        "requirement.",
    )
    gpu: Gpu | None = Field(
        default=None,
        description='Accelerators that are needed: the type and how many, such as "a100-80:1". Left out: '
        "none.",
    )
    disk: Memory | None = Field(
        default=None,
        description="Disk that is needed at least, in GiB or with a unit. Left out: what the machine comes "
        "with.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = self.given(("size", "instance", "cpus", "memory", "gpu"))
        if given[:1] in (["size"], ["instance"]) and len(given) > 1:
            rest = " and ".join(given[1:])
            raise fault(
                "machine-twice",
                f"{given[0]} chooses the machine already, so {rest} has no meaning beside it",
                f"leave out {given[0]}, or leave out {rest}",
            )
        return self

    @property
    def requirement(self) -> Requirement:
        """What the machine must have: that of the size, or the one written down."""
        if self.size is not None:
            base = SIZES[self.size]
            return Requirement(base.cpus, base.memory, base.gpu, self.disk)
        return Requirement(self.cpus, self.memory, self.gpu, self.disk)


class Scaling(Spec):
    """How many machines there are; a mix-in of pools."""

    min: StrictInt = Field(
        default=0, ge=0, description="Machines that are kept even when nothing runs. Left out: 0."
    )
    max: StrictInt = Field(
        default=1, ge=1, description="Machines at most. Left out: as many as `min`, and at least 1."
    )

    @model_validator(mode="before")
    @classmethod
    def _max_follows_min(cls, data: Any) -> Any:
        return max_follows_min(data)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.min, self.max)
        return self


def max_follows_min(data: Any) -> Any:
    """The data with ``max`` filled in from ``min``, where only that is given."""
    if isinstance(data, Mapping) and "max" not in data and type(data.get("min")) is int and data["min"] > 1:
        return {**data, "max": data["min"]}
    return data


def check_order(least: int, most: int) -> None:
    if least > most:
        raise fault(
            "min-above-max",
            f"min is {least} and max is {most}",
            f"set min to {most} or less, or max to {least} or more",
        )
