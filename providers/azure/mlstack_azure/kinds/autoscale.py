"""Replicas of a managed deployment that follow the load: Azure Monitor's autoscale.

Source: Azure ML, "Autoscale online endpoints", and "Supported metrics for
Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments": the platform measures a
deployment's CpuUtilizationPercentage, GpuUtilizationPercentage and RequestsPerMinute, and not how many
requests are under way.
"""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build
from mlstack.spec.deployment import Replicas
from mlstack_azure.durations import iso
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place

_USUAL_CPU = 70.0
_WINDOW = 300.0


def follows(replicas: Replicas) -> bool:
    return replicas.min != replicas.max


def setting(build: Build, name: str, replicas: Replicas, deployment: Any) -> Any:
    import pulumi_azure_native.monitor as monitor

    metric, threshold, per_instance = _followed(replicas)
    where = place(build)

    def rule(out: bool) -> Any:
        # half the threshold on the way in: with one replica less, no load is then above it
        return monitor.ScaleRuleArgs(
            metric_trigger=monitor.MetricTriggerArgs(
                metric_name=metric,
                metric_resource_uri=deployment.id,
                operator=monitor.ComparisonOperationType.GREATER_THAN
                if out
                else monitor.ComparisonOperationType.LESS_THAN,
                threshold=threshold if out else threshold / 2,
                statistic=monitor.MetricStatisticType.AVERAGE,
                time_aggregation=monitor.TimeAggregationType.AVERAGE,
                time_grain="PT1M",
                time_window=iso(_WINDOW if out or replicas.idle is None else replicas.idle),
                divide_per_instance=per_instance,
            ),
            scale_action=monitor.ScaleActionArgs(
                direction=monitor.ScaleDirection.INCREASE if out else monitor.ScaleDirection.DECREASE,
                type=monitor.ScaleType.CHANGE_COUNT,
                value="1",
                cooldown=iso(_WINDOW),
            ),
        )

    return build.make(
        monitor.AutoscaleSetting,
        name,
        "autoscale",
        autoscale_setting_name=physical(build, name, longest=64),
        resource_group_name=where.resource_group,
        location=where.location,
        enabled=True,
        target_resource_uri=deployment.id,
        profiles=[
            monitor.AutoscaleProfileArgs(
                name="load",
                capacity=monitor.ScaleCapacityArgs(
                    minimum=str(replicas.min), maximum=str(replicas.max), default=str(replicas.min)
                ),
                rules=[rule(True), rule(False)],
            )
        ],
        tags=tags(build),
    )


def _followed(replicas: Replicas) -> tuple[str, float, bool]:
    """Name of the metric, what it may come to, and whether that is for one replica of several."""
    target = replicas.target
    if target is not None and target.rps is not None:
        return "RequestsPerMinute", float(target.rps) * 60, True
    if target is not None and target.gpu is not None:
        return "GpuUtilizationPercentage", float(target.gpu), False
    cpu = target.cpu if target is not None else None
    return "CpuUtilizationPercentage", float(cpu if cpu is not None else _USUAL_CPU), False
