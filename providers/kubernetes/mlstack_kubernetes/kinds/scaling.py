"""How many copies of a Deployment there are: a HorizontalPodAutoscaler by the use of processors; by requests
or accelerators a ScaledObject of KEDA's, which asks Prometheus.

Sources: KEDA 2.21, ScaledObject and "Prometheus" scaler (metricType AverageValue: the target is each copy's
share); vLLM, "Metrics"; NVIDIA DCGM exporter (DCGM_FI_DEV_GPU_UTIL, in percent).
"""

from __future__ import annotations

from typing import Any

from mlstack.lowering.values import lift
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack.spec.deployment import Replicas, Target
from mlstack_kubernetes import prometheus
from mlstack_kubernetes.kinds.serving_pod import USE
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.offering import SCALED_OBJECT, offering
from mlstack_kubernetes.place import make, place
from mlstack_kubernetes.words import ADDRESS, NO_ADDRESS

_WINDOW = "1m"
_BUSY_OF_VLLM = ("vllm:num_requests_running", "vllm:num_requests_waiting")
_ANSWERED_BY_VLLM = "vllm:request_success_total"


def by_keda(target: Target | None) -> bool:
    """Whether something is followed that a cluster's own autoscaler does not know."""
    return target is not None and target.cpu is None


def build_scaling(build: Build, name: str, spec: Deployment, deployed: Any) -> None:
    """``deployed``: the name of the Deployment."""
    target = spec.replicas.target
    if target is not None and by_keda(target):
        _scaled_object(build, name, spec, target, deployed)
    else:
        _autoscaler(build, name, spec.replicas, deployed)


def _autoscaler(build: Build, name: str, replicas: Replicas, deployed: Any) -> None:
    from pulumi_kubernetes.autoscaling import v2

    share = replicas.target.cpu if replicas.target is not None and replicas.target.cpu else USE
    use = {"type": "Utilization", "averageUtilization": round(share)}
    spec: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployed},
        "minReplicas": replicas.min,
        "maxReplicas": replicas.max,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": use}}],
    }
    if replicas.idle is not None:
        spec["behavior"] = _down(replicas.idle)
    make(build, v2.HorizontalPodAutoscaler, name, name=physical(build, name), spec=spec)


def _scaled_object(build: Build, name: str, spec: Deployment, target: Target, deployed: Any) -> None:
    from pulumi_kubernetes.apiextensions import CustomResource

    replicas = spec.replicas
    found = offering(build)
    if found.unread is None and not found.has(SCALED_OBJECT):
        raise build.wrong(
            f"deployments.{name}.replicas.target",
            "the cluster has no KEDA, and its own autoscaler knows the use of processors alone",
            "install KEDA, or follow cpu",
        )
    if build.settings.prometheus.address is None:
        raise build.wrong(f"deployments.{name}.replicas.target", NO_ADDRESS, ADDRESS)
    query, threshold = _followed(build, spec, target, deployed)
    scaled: dict[str, Any] = {
        "scaleTargetRef": {"name": deployed},
        "minReplicaCount": replicas.min,
        "maxReplicaCount": replicas.max,
        "triggers": [
            {
                "type": "prometheus",
                "metricType": "AverageValue",
                "metadata": {
                    "serverAddress": build.settings.prometheus.address,
                    "query": query,
                    "threshold": f"{threshold:g}",
                },
            }
        ],
    }
    if replicas.idle is not None:
        down = _down(replicas.idle)
        scaled["advanced"] = {"horizontalPodAutoscalerConfig": {"behavior": down}}
    make(
        build,
        CustomResource,
        name,
        "scaled",
        name=physical(build, name),
        api_version="keda.sh/v1alpha1",
        kind="ScaledObject",
        spec=scaled,
    )


def _followed(build: Build, spec: Deployment, target: Target, deployed: Any) -> tuple[Any, float]:
    """What is asked of Prometheus, of all copies together, and how much of it is one copy's."""
    mine = prometheus.of_pods(place(build).namespace, deployed)
    vllm = spec.server is not None
    if target.concurrency is not None:
        counted = _BUSY_OF_VLLM if vllm else (prometheus.IN_FLIGHT,)
        return lift(mine, lambda at: " + ".join(f"sum({each}{{{at}}})" for each in counted)), float(
            target.concurrency
        )
    if target.rps is not None:
        answered = _ANSWERED_BY_VLLM if vllm else prometheus.REQUESTS
        return lift(mine, lambda at: f"sum(rate({answered}{{{at}}}[{_WINDOW}]))"), float(target.rps)
    assert target.gpu is not None
    return lift(mine, lambda at: f"sum(DCGM_FI_DEV_GPU_UTIL{{{at}}})"), float(target.gpu)


def _down(idle: float) -> dict[str, Any]:
    return {"scaleDown": {"stabilizationWindowSeconds": round(idle)}}
