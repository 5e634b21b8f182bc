"""Compute in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack_kubernetes.support.common import unknown_gpu

UNSUPPORTED: Mapping[str, str] = {
    "compute.cluster": "the cluster is that of settings.kubernetes.context: leave it out, and give the pool "
    "a size, or name a pool of the cluster by existing",
}
_FIELDS = ("size", "instance", "cpus", "memory", "gpu", "disk", "spot", "existing")
NO_INPUT: Mapping[str, str] = {
    f"compute.{field}": "the jobs and deployments that run on it ask for such nodes" for field in _FIELDS
}
WAYS: Mapping[str, Way] = {"compute.gpu": Way("of a type whose nodes are known", value="l4:2")}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if refusal := unknown_gpu(("compute", name), compute):
            yield refusal
