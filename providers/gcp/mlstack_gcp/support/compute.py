"""Compute on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_gcp.machines import problem

UNSUPPORTED: Mapping[str, str] = {
    "compute.cluster": "Vertex AI runs jobs on no cluster of one's own: leave cluster out, or take cloud: "
    "kubernetes with a GKE cluster",
}
NO_INPUT: Mapping[str, str] = {
    "compute.max_price": "the machine's list price is held against it before anything is made",
    **dict.fromkeys(
        ("compute.size", "compute.instance", "compute.cpus", "compute.memory", "compute.gpu"),
        "each job that runs on it asks for the machine, as Vertex AI keeps none without min",
    ),
    "compute.existing": "each job that runs on it names the persistent resource",
    "compute.spot": "each job that runs on it asks for spare machines",
    "compute.disk": "each job that runs on it asks for the disk",
}
WAYS: Mapping[str, Way] = {
    "compute.max": Way(
        "with min, as without a pool machines are each job's own", {"compute": {"one": {"min": 1}}}
    ),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if isinstance(compute.instance, str) and (found := problem(compute.instance, jobs=True)):
            yield ("compute", name, "instance"), *found
        if compute.spot and compute.min > 0:
            yield (
                ("compute", name, "spot"),
                "a pool that is kept has no spare machines on Vertex AI",
                "leave out min, so that each job takes spare machines of its own; or leave out spot",
            )
