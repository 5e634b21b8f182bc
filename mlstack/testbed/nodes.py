"""Machines that are not there: Node objects with what real ones of their kind say of themselves.

Labels of the graphics cards are those of NVIDIA's GPU feature discovery, the taint is the one that managed
clusters put on such nodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlstack.errors import UsageError
from mlstack.suggest import hint

#: On every node that a testbed made, with the kind of machine.
LABEL = "testbed.mlstack.dev/machine"


@dataclass(frozen=True)
class Machine:
    cpus: int
    memory: str
    gpus: int = 0
    gpu: str = ""
    gpu_mib: int = 0
    family: str = ""


MACHINES = {
    "cpu": Machine(cpus=8, memory="32Gi"),
    "t4": Machine(cpus=8, memory="32Gi", gpus=1, gpu="Tesla-T4", gpu_mib=15360, family="turing"),
    "a100": Machine(
        cpus=96, memory="1152Gi", gpus=8, gpu="NVIDIA-A100-SXM4-40GB", gpu_mib=40960, family="ampere"
    ),
}

DEFAULT = {"cpu": 2, "t4": 1, "a100": 1}


def parse(text: str) -> dict[str, int]:
    """{"cpu": 2, "a100": 1} of "cpu=2,a100=1"; each kind is one of `MACHINES`."""
    counts: dict[str, int] = {}
    for part in text.split(","):
        kind, _, count = (word.strip() for word in part.partition("="))
        if kind not in MACHINES:
            raise UsageError(
                f"there is no machine {kind!r}",
                where=f"--nodes {text}",
                remedy=hint(kind, MACHINES),
            )
        if not count.isdecimal():
            raise UsageError(
                f"{part.strip()!r} does not say how many",
                where=f"--nodes {text}",
                remedy="write KIND=COUNT, with commas between: cpu=2,a100=1",
            )
        counts[kind] = int(count)
    return counts


def manifests(counts: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for kind, count in counts.items():
        for number in range(1, count + 1):
            yield manifest(kind, f"{kind}-{number}")


def manifest(kind: str, name: str) -> dict[str, Any]:
    machine = MACHINES[kind]
    resources = {
        "cpu": str(machine.cpus),
        "memory": machine.memory,
        "ephemeral-storage": "200Gi",
        "pods": "110",
    }
    labels = {
        LABEL: kind,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": kind,
        "topology.kubernetes.io/region": "testbed",
        "topology.kubernetes.io/zone": "testbed-a",
    }
    taints = []
    if machine.gpus:
        resources["nvidia.com/gpu"] = str(machine.gpus)
        labels |= {
            "nvidia.com/gpu.present": "true",
            "nvidia.com/gpu.product": machine.gpu,
            "nvidia.com/gpu.count": str(machine.gpus),
            "nvidia.com/gpu.memory": str(machine.gpu_mib),
            "nvidia.com/gpu.family": machine.family,
        }
        taints.append({"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"})
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": {"taints": taints},
        "status": {"allocatable": resources, "capacity": resources},
    }
