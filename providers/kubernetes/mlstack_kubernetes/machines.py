"""What a machine of the spec is in a cluster: requests of a pod, and the nodes that it may run on.

A cluster has its nodes already. A size or a requirement is what the pod asks of one; an accelerator, spare
machines, a type or a pool are labels of nodes, which the clouds' clusters write differently: a node has to
carry one of them.

Sources: Kubernetes, "Resource Management for Pods and Containers", "Well-Known Labels"; AKS, "Add a spot node
pool"; GKE, "Spot VMs"; EKS, "Managed node groups"; Karpenter, "Well-Known Labels".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from math import ceil
from typing import Any

from mlstack.provider import Build
from mlstack.spec.machine import Machine, Requirement
from mlstack.spec.units import Gpu, Memory
from mlstack_kubernetes import gpus

INSTANCE = "node.kubernetes.io/instance-type"
#: Labels with the name of the pool that a node belongs to.
POOLS = (
    "kubernetes.azure.com/agentpool",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "karpenter.sh/nodepool",
)
#: Labels of spare machines, and the taints that keep others off them.
SPOT = (
    ("kubernetes.azure.com/scalesetpriority", "spot"),
    ("eks.amazonaws.com/capacityType", "SPOT"),
    ("cloud.google.com/gke-spot", "true"),
    ("karpenter.sh/capacity-type", "spot"),
)
#: What is asked for where nothing is said of it: by the size cpu-s; beside an accelerator for each of it.
_USUAL = Requirement(cpus=2, memory=Memory(8))
_BESIDE_GPU = Requirement(cpus=4, memory=Memory(15))
#: Of a node whose size is not known.
_SMALL = Requirement(cpus=1, memory=Memory(2))

_Terms = list[list[dict[str, Any]]]


@dataclass(frozen=True)
class Needs:
    """``resources`` of the container, and of the pod ``node_affinity`` (None: any node) and
    ``tolerations``."""

    resources: dict[str, Any]
    node_affinity: dict[str, Any] | None = None
    tolerations: list[dict[str, Any]] = field(default_factory=list)


def needs(build: Build, machine: Machine, compute: str | None) -> Needs:
    """Of a piece of the spec: by its own fields, else by those of the compute that it runs on."""
    pool = build.spec_of("compute", compute) if compute is not None else None
    if pool is not None and not machine.given(("size", "instance", "cpus", "memory", "gpu", "disk")):
        machine = pool
    existing = pool.existing if pool is not None and pool.existing != "auto" else None
    spot = pool is not None and pool.spot
    return Needs(
        resources(machine, known=existing is None),
        _affinity([_gpu(machine.requirement.gpu), _instance(machine), _pool(existing), _spot(spot)]),
        _tolerations(machine.requirement.gpu, spot),
    )


def resources(machine: Machine, *, known: bool = True) -> dict[str, Any]:
    """``known``: that something is asked of the node by size, and not by its name alone."""
    wanted = machine.requirement
    times = wanted.gpu.count if wanted.gpu is not None else 1
    usual = _BESIDE_GPU if wanted.gpu is not None else _USUAL
    if machine.instance is not None or not known:
        usual = _SMALL
    memory = quantity(wanted.memory or Memory((usual.memory or 0) * times))
    asked = {"cpu": cpu(wanted.cpus or (usual.cpus or 0) * times), "memory": memory}
    if wanted.disk is not None:
        asked["ephemeral-storage"] = quantity(wanted.disk)
    if wanted.gpu is not None:
        asked[gpus.RESOURCE] = str(wanted.gpu.count)
    return {"requests": asked, "limits": dict(asked)}


def cpu(count: float) -> str:
    """Processors, in thousandths where they are no whole number."""
    thousandths = ceil(Decimal(repr(float(count))) * 1000)
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def quantity(memory: Memory) -> str:
    """Memory in the largest unit that says it exactly."""
    for unit, size in (("Gi", 2**30), ("Mi", 2**20)):
        if memory.bytes % size == 0:
            return f"{memory.bytes // size}{unit}"
    return str(memory.bytes)


def _gpu(gpu: Gpu | None) -> _Terms:
    if gpu is None:
        return []
    named, gke = gpus.LABELS[gpu.type]
    terms = [[_one_of(gpus.PRODUCT, *named)]]
    return [*terms, [_one_of(gpus.GKE, *gke)]] if gke else terms


def _instance(machine: Machine) -> _Terms:
    return [] if machine.instance is None else [[_one_of(INSTANCE, machine.instance)]]


def _pool(name: Any) -> _Terms:
    return [] if name is None else [[_one_of(label, name)] for label in POOLS]


def _spot(spot: bool) -> _Terms:
    return [[_one_of(label, value)] for label, value in SPOT] if spot else []


def _affinity(wanted: list[_Terms]) -> dict[str, Any] | None:
    """All of what is wanted, each in one of its ways. Terms of a cluster are alternatives, and what stands
    within one has to hold together."""
    given = [terms for terms in wanted if terms]
    if not given:
        return None
    terms = [{"matchExpressions": [each for part in parts for each in part]} for parts in product(*given)]
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}


def _tolerations(gpu: Gpu | None, spot: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if gpu is not None:
        found.append({"key": gpus.RESOURCE, "operator": "Exists", "effect": "NoSchedule"})
    if spot:
        found += [
            {"key": label, "operator": "Equal", "value": value, "effect": "NoSchedule"}
            for label, value in SPOT
        ]
    return found


def _one_of(label: str, *values: Any) -> dict[str, Any]:
    return {"key": label, "operator": "In", "values": list(values)}
