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
        if job.nodes > 1:
            yield (
                ("jobs", name, "nodes"),
                f"{job.nodes} nodes were asked for, and this machine is one",
                "leave nodes out; processes: N runs N of them side by side",
            )
        if refusal := missing_path(stack, ("jobs", name, "code"), job.code):
            yield refusal
