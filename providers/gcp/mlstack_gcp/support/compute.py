"""Compute on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Cluster, Stack
from mlstack_gcp.machines import problem

UNSUPPORTED: Mapping[str, str] = {
    "compute.cluster.existing": "a GKE cluster that is there is not taken over: write cloud: kubernetes with "
    "its context, or leave existing out to have one made",
    "compute.cluster.namespace": "nothing is put into the cluster yet by the stack that makes it: say the "
    "namespace in the stack with cloud: kubernetes that works there",
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
    "compute.cluster": Way("with type: gke", {"compute": {"one": {"cluster": {"type": "gke"}}}}),
    "compute.cluster.type": Way("gke", value="gke"),
    "compute.cluster.node_pools.cpus": Way(
        "the cheapest machine that has as many is taken",
        {"compute": {"one": {"cluster": {"type": "gke"}}}},
        value=12,
    ),
    "compute.max": Way(
        "with min, as without a pool machines are each job's own", {"compute": {"one": {"min": 1}}}
    ),
}


_ELSEWHERE = "leave compute out, or run it by a stack with cloud: kubernetes in that cluster"


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if compute.cluster is not None:
            for path, message, remedy in _cluster(compute.cluster):
                yield ("compute", name, "cluster", *path), message, remedy
        if isinstance(compute.instance, str) and (found := problem(compute.instance, jobs=True)):
            yield ("compute", name, "instance"), *found
        if compute.spot and compute.min > 0:
            yield (
                ("compute", name, "spot"),
                "a pool that is kept has no spare machines on Vertex AI",
                "leave out min, so that each job takes spare machines of its own; or leave out spot",
            )
    for job, spec in stack.jobs.items():
        used = stack.compute.get(spec.compute) if spec.compute else None
        if used is not None and used.cluster is not None:
            yield (
                ("jobs", job, "compute"),
                "Vertex AI runs jobs on machines of its own, and on no cluster of GKE",
                _ELSEWHERE,
            )


def _cluster(cluster: Cluster) -> Iterator[Refusal]:
    if cluster.type != "gke":
        yield ("type",), f"Google Cloud makes no clusters of type {cluster.type}", "write type: gke"
    for name, pool in cluster.node_pools.items():
        if pool.max < 1:
            yield ("node_pools", name, "max"), "a pool without machines does no work", "write max: 1 or more"
        if isinstance(pool.instance, str) and (found := problem(pool.instance, jobs=False)):
            yield ("node_pools", name, "instance"), *found
