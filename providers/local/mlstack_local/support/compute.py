"""Compute: this machine, whatever was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support.common import IN_A_CLOUD, Refusal

UNSUPPORTED: Mapping[str, str] = {
    "compute.cluster": f"jobs run on this machine itself: leave it out, or {IN_A_CLOUD}",
}
NO_INPUT: Mapping[str, str] = {"compute.existing": "auto is this machine; a name is refused"}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if compute.existing not in (None, "auto"):
            yield (
                ("compute", name, "existing"),
                "the only compute of this target is this machine",
                f"write existing: auto, or leave it out, or {IN_A_CLOUD}",
            )
