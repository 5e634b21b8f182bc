"""Jobs: process groups on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_local.support.common import Refusal, missing_path

UNSUPPORTED: Mapping[str, str] = {
    "jobs.outputs.path": "outputs are kept below .mlstack: leave it out, and read `mlstack outputs`",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, job in stack.jobs.items():
        if refusal := missing_path(stack, ("jobs", name, "code"), job.code):
            yield refusal
