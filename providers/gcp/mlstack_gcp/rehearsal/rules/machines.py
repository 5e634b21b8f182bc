"""Machines and accelerators: which go together, and how many of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mlstack_gcp.rehearsal.rules.base import PROTO, VERTEX, Problem, View, rule

DEPLOYED = "aiplatform:DeployedModel"
POOL = "vertex/aiDeploymentResourcePool:AiDeploymentResourcePool"
CUSTOM = "aiplatform:CustomJob"
BATCH = "aiplatform:BatchPredictionJob"
PERSISTENT = "vertex/aiPersistentResource:AiPersistentResource"
_KINDS = (DEPLOYED, POOL, CUSTOM, BATCH, PERSISTENT)
_COMPUTE = VERTEX + "predictions/configure-compute: machine types, GPUs"
_RESOURCES = PROTO + "machine_resources.py"

#: Machine families and the accelerator that is part of them, with how many each size has.
_BUILT_IN: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "g2": ("NVIDIA_L4", {"4": 1, "8": 1, "12": 1, "16": 1, "24": 2, "32": 1, "48": 4, "96": 8}),
    "a2-highgpu": ("NVIDIA_TESLA_A100", {"1g": 1, "2g": 2, "4g": 4, "8g": 8}),
    "a2-megagpu": ("NVIDIA_TESLA_A100", {"16g": 16}),
    "a2-ultragpu": ("NVIDIA_A100_80GB", {"1g": 1, "2g": 2, "4g": 4, "8g": 8}),
    "a3-highgpu": ("NVIDIA_H100_80GB", {"1g": 1, "2g": 2, "4g": 4, "8g": 8}),
    "a3-megagpu": ("NVIDIA_H100_MEGA_80GB", {"8g": 8}),
    "a3-ultragpu": ("NVIDIA_H200_141GB", {"8g": 8}),
    "a4-highgpu": ("NVIDIA_B200", {"8g": 8}),
}
#: Accelerators that are attached to machines of the family N1, and how many there may be.
_ATTACHED: Mapping[str, tuple[int, ...]] = {
    "NVIDIA_TESLA_T4": (1, 2, 4),
    "NVIDIA_TESLA_P4": (1, 2, 4),
    "NVIDIA_TESLA_P100": (1, 2, 4),
    "NVIDIA_TESLA_V100": (1, 2, 4, 8),
}
_FORM = re.compile(
    r"(?:(?:e2|n1|n2|n2d|n4|c2|c2d|c3|c3d|c4|c4a|m1|m2|m3)-(?:standard|highmem|highcpu|ultramem|megamem)-\d+"
    r"(?:-lssd)?|g2-standard-\d+|a[234]-(?:high|mega|ultra)gpu-\d+g|ct\w+-\w+-\d+t|tpu7x-\w+|g4-standard-\d+|"
    r"cloud-tpu)"
)


def machines(x: View) -> Iterator[tuple[str, View]]:
    """Every machine of a resource, with its path."""
    for path in ("dedicatedResources", ""):
        spec = x[f"{path}.machineSpec" if path else "machineSpec"]
        if isinstance(spec, Mapping):
            yield f"{path}.machineSpec".lstrip("."), View(spec)
    for path in ("jobSpec.workerPoolSpecs", "resourcePools"):
        for at, one in x.list(path):
            if isinstance(one["machineSpec"], Mapping):
                yield f"{path}[{at}].machineSpec", View(one["machineSpec"])


@rule("machine-type", *_KINDS, source=_COMPUTE)
def machine_type(x: View) -> Iterator[Problem]:
    for path, machine in machines(x):
        name = machine.text("machineType")
        if name is not None and not _FORM.fullmatch(name):
            yield f"{path}.machineType", f"Machine type {name!r} is not supported."


@rule("machine-accelerator", *_KINDS, source=_COMPUTE)
def machine_accelerator(x: View) -> Iterator[Problem]:
    for path, machine in machines(x):
        name, kind = machine.text("machineType"), machine.text("acceleratorType")
        count = machine.number("acceleratorCount")
        if name is None or not machine.all_known("acceleratorType"):
            continue
        family, size = _family(name)
        if family in _BUILT_IN:
            wanted, sizes = _BUILT_IN[family]
            if size not in sizes:
                yield f"{path}.machineType", f"Machine type {name!r} is not supported."
            elif kind not in (wanted, None) or (kind and count not in (None, sizes[size])):
                yield (
                    f"{path}.acceleratorType",
                    f"{name} has {sizes[size]} {wanted}, not {count or 0:g} {kind}.",
                )
            elif kind is None:
                yield f"{path}.acceleratorType", f"{name} needs {wanted} with the count {sizes[size]}."
        elif kind and kind.startswith("NVIDIA"):
            if not name.startswith("n1-") or kind not in _ATTACHED:
                yield f"{path}.acceleratorType", f"{kind} cannot be attached to {name}."
            elif count is not None and count not in _ATTACHED[kind]:
                allowed = ", ".join(str(one) for one in _ATTACHED[kind])
                yield f"{path}.acceleratorCount", f"{kind} comes {allowed} at a time, not {count:g}."


def _family(name: str) -> tuple[str, str]:
    head, _, size = name.rpartition("-")
    return ("g2" if head == "g2-standard" else head), size


@rule(
    "replicas-least", DEPLOYED, POOL, source=_RESOURCES + ": min_replica_count: 'greater than or equal to 1'"
)
def replicas_least(x: View) -> Iterator[Problem]:
    path = "dedicatedResources.minReplicaCount"
    if isinstance(x["dedicatedResources"], Mapping) and x.all_known(path):
        value = x.number(path)
        if value is None or value < 1:
            yield path, f"must be at least 1, and is {value or 0:g}"


@rule("replicas-order", DEPLOYED, POOL, BATCH, source=_RESOURCES + ": max_replica_count")
def replicas_order(x: View) -> Iterator[Problem]:
    for base in ("dedicatedResources.{}ReplicaCount", "automaticResources.{}ReplicaCount"):
        low, high = x.number(base.format("min")), x.number(base.format("max"))
        if low is not None and high is not None and high < low:
            yield base.format("max"), f"{high:g} is less than the least, {low:g}"


@rule("autoscaling-target", DEPLOYED, POOL, source=_RESOURCES + ": AutoscalingMetricSpec.target: 1% - 100%")
def autoscaling_target(x: View) -> Iterator[Problem]:
    for at, one in x.list("dedicatedResources.autoscalingMetricSpecs"):
        path = f"dedicatedResources.autoscalingMetricSpecs[{at}]"
        name, target = one.text("metricName"), one.number("target")
        known = ("accelerator/duty_cycle", "cpu/utilization", "request_count", "dcgm.*")
        if name is not None and "/prediction/online/" not in name and "pubsub" not in name:
            yield f"{path}.metricName", f"{name!r} is none of prediction/online/{', '.join(known)}"
        counted = name is not None and name.endswith("request_count")
        if target is not None and not counted and not 1 <= target <= 100:
            yield f"{path}.target", f"{target:g} is not between 1 and 100"


@rule(
    "autoscaling-accelerator",
    DEPLOYED,
    source=_RESOURCES + ": autoscaling_metric_specs: duty cycle where accelerator_count is above 0",
)
def autoscaling_accelerator(x: View) -> Iterator[Problem]:
    count = x.number("dedicatedResources.machineSpec.acceleratorCount")
    for at, one in x.list("dedicatedResources.autoscalingMetricSpecs"):
        if (one.text("metricName") or "").endswith("duty_cycle") and not count:
            yield f"dedicatedResources.autoscalingMetricSpecs[{at}]", "the machine has no accelerator"
