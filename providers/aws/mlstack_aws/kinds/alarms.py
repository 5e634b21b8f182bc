"""Alarms of CloudWatch on an expression over metrics, and those of each monitor for what begins at one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_aws.names import physical, tags
from mlstack_aws.place import place

_SHARED = "aws.alarms"


def make(build: Build, *suffix: str, queries: Iterable[Any], threshold: float, main: bool = False) -> Any:
    """The ARN of an alarm of the monitor that is built."""
    from pulumi_aws import cloudwatch

    spec = build.spec
    made = build.make(
        cloudwatch.MetricAlarm,
        *suffix,
        main=main,
        region=place(build).region,
        name=physical(build, *suffix, longest=255),
        alarm_description=f"{spec.signal} of endpoint {spec.endpoint} above {spec.threshold}",
        comparison_operator="GreaterThanThreshold",
        threshold=threshold,
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        metric_queries=[*queries],
        alarm_actions=[build.outputs("notifications", name)["id"] for name in spec.notify],
        tags=tags(build),
    )
    build.shared.setdefault(_SHARED, {}).setdefault(build.name, []).append(made.arn)
    return made.arn


def of(build: Build, monitor: str) -> list[Any]:
    """ARNs of the alarms of a monitor."""
    build.outputs("monitors", monitor)  # it comes before
    return list(build.shared[_SHARED][monitor])


def metric(
    name: str, namespace: str, metric_name: str, dimensions: Mapping[str, Any], seconds: float, statistic: str
) -> Any:
    """A metric that the expression calls ``name``."""
    from pulumi_aws import cloudwatch

    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=name,
        return_data=False,
        metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=namespace,
            metric_name=metric_name,
            dimensions=dimensions,
            period=round(seconds),
            stat=statistic,
        ),
    )


def result(expression: str) -> Any:
    """What the alarm looks at."""
    from pulumi_aws import cloudwatch

    return cloudwatch.MetricAlarmMetricQueryArgs(
        id="value", expression=expression, label="value", return_data=True
    )
