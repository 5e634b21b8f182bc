"""Compute on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

UNSUPPORTED: Mapping[str, str] = {
    "compute.cluster": "SageMaker runs jobs on machines of its own and in no cluster: leave cluster out, or "
    "write cloud: kubernetes and name the cluster there",
}
_NAMED = "SageMaker keeps no compute: each job and each variant that runs on it names this itself"

NO_INPUT: Mapping[str, str] = {
    **{
        f"compute.{field}": _NAMED
        for field in ("size", "instance", "cpus", "memory", "gpu", "disk", "spot", "tags")
    },
    "compute.max_price": "the machine's list price is held against it before anything is made",
    "compute.existing": "auto: there are no pools, so the machine is asked for as if none were there",
}
WAYS: Mapping[str, Way] = {"compute.existing": Way("auto", value="auto")}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if compute.existing is not None and compute.existing != "auto":
            yield (
                ("compute", name, "existing"),
                "SageMaker has no pools of machines that could be there already",
                "say which machine: size, instance, or cpus, memory and gpu; or write existing: auto",
            )
