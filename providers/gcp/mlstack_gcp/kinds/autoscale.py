"""What the number of replicas follows: Vertex AI's own metrics of a deployed model.

Source: AutoscalingMetricSpec of google.cloud.aiplatform.v1, and "Scale inference nodes by using
autoscaling": use of processors and accelerators in percent, requests by the minute for each replica. Where
nothing is said the platform holds both uses at 60 %.
"""

from __future__ import annotations

from mlstack.spec.deployment import Replicas

_METRICS = "aiplatform.googleapis.com/prediction/online"
CPU = f"{_METRICS}/cpu/utilization"
GPU = f"{_METRICS}/accelerator/duty_cycle"
REQUESTS = f"{_METRICS}/request_count"


def metrics(replicas: Replicas) -> dict[str, int]:
    """By the metric's name, what one replica may come to."""
    target = replicas.target
    if target is None or replicas.min == replicas.max:
        return {}
    if target.rps is not None:
        return {REQUESTS: max(1, round(float(target.rps) * 60))}
    if target.gpu is not None:
        return {GPU: max(1, round(target.gpu))}
    return {CPU: max(1, round(target.cpu))} if target.cpu is not None else {}
