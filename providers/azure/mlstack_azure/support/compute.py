"""Compute on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.provider import Way
from mlstack.spec import Cluster, Stack, is_deferred
from mlstack_azure.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {
    "compute.max_price": "the machine's list price is held against it before anything is made",
}
WAYS: Mapping[str, Way] = {
    "compute.cluster": Way("with type: aks", {"compute": {"one": {"cluster": {"type": "aks"}}}}),
    "compute.cluster.type": Way("aks; an Arc-enabled cluster of type kubernetes that exists", value="aks"),
    "compute.cluster.existing": Way(
        "with its name", {"compute": {"one": {"cluster": {"type": "aks", "name": "prod"}}}}
    ),
}

_BY_ARC = "connect it with Azure Arc, install the extension Microsoft.AzureML.Kubernetes, and write "
_ARC = f"{_BY_ARC}cluster: {{type: kubernetes, existing: true, name: ARM-ID}}"


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if compute.idle is not None and compute.idle % 1:
            yield (
                ("compute", name, "idle"),
                "the platform counts in whole seconds",
                f"set {max(1, round(compute.idle))}s",
            )
        if compute.cluster is not None:
            for path, message, remedy in _cluster(compute.cluster):
                yield ("compute", name, "cluster", *path), message, remedy


def _cluster(cluster: Cluster) -> Iterator[Refusal]:
    if cluster.type not in ("aks", "kubernetes"):
        yield ("type",), f"Azure ML knows no clusters of type {cluster.type}", f"write type: aks; or {_ARC}"
        return
    if cluster.type == "kubernetes" and not cluster.existing:
        yield (), "of clusters, Azure creates AKS alone", f"write type: aks; or {_ARC}"
    elif cluster.existing and cluster.name is None:
        yield (), "it is not said which cluster is attached", "give its name, or its ARM id"
    elif cluster.type == "kubernetes" and not is_deferred(cluster.name) and "/" not in str(cluster.name):
        yield ("name",), "a cluster that is connected by Azure Arc is named by its ARM id", _ARC
    if cluster.existing and cluster.node_pools:
        yield (
            ("node_pools",),
            "a cluster that is there is never changed",
            "leave node_pools out, or leave out existing to have a cluster made",
        )
