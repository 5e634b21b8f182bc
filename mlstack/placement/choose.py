"""Choose the machine for a piece of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlstack.spec.machine import Machine

if TYPE_CHECKING:
    from mlstack.provider import Capabilities

DEFAULT = "cpu-s"


def choose(capabilities: Capabilities, machine: Machine, region: str | None) -> str:
    """The target's own name of the machine that is asked for."""
    if machine.instance is not None:
        return str(machine.instance)
    return capabilities.sizes[machine.size or DEFAULT]
