"""Data in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_kubernetes.support.common import unusable_path

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {
    "data.existing": "the jobs that read it mount the volume",
}
WAYS: Mapping[str, Way] = {
    "data.existing": Way("a claim, and the path on its volume", value="datasets/rows.csv"),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, held in stack.data.items():
        if refusal := unusable_path(stack, ("data", name, "path"), held.path):
            yield refusal
