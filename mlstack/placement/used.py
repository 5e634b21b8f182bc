"""A machine that a piece of the spec runs on, and how many of them: what a cost is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlstack.spec.machine import Machine
from mlstack.spec.text import is_deferred

if TYPE_CHECKING:
    from mlstack.provider import Build, Instance

LATER = "a machine that is named only while the program runs"


@dataclass(frozen=True)
class Used:
    """``resource`` is "<kind>.<name>", ``field`` a path below it. ``least`` are kept even when nothing runs.
    ``spot``: spare machines, which have no list price."""

    resource: str
    field: str
    instance: Instance
    least: int
    most: int
    spot: bool = False


def used(
    build: Build, instance: Any, where: tuple[str, ...], least: int, most: int, *, spot: bool = False
) -> Used:
    """What a builder says of its machines; one that the catalogue does not have has no price."""
    from mlstack.provider import Instance

    name = LATER if is_deferred(instance) else str(instance)
    known = {each.name.lower(): each for each in build.capabilities.instances}
    found = known.get(name.lower()) or Instance(name, 0, 0)
    return Used(f"{build.kind}.{build.name}", ".".join(where), found, least, most, spot)


def count(machine: Machine, spec: Any) -> tuple[int, int]:
    """How many machines a piece of the spec has at least and at most. One that runs by itself (a job) has
    none when it does not."""
    scaled: Any = getattr(machine, "replicas", None) or machine
    if hasattr(scaled, "min"):
        return scaled.min, scaled.max
    return 0, getattr(spec, "nodes", 1)
