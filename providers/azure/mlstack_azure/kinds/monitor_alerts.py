"""Latency and errors of an endpoint's requests: alerts of Azure Monitor.

The platform measures latency at four quantiles. Another one, a least number of requests, and the part of
requests that fail, are read from the endpoint's own log of requests, which is then sent to the workspace's
log analytics.
"""

from __future__ import annotations

from typing import Any

from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack_azure.durations import iso
from mlstack_azure.kinds.served import served
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place

QUANTILES = {0.5: "P50", 0.9: "P90", 0.95: "P95", 0.99: "P99"}
_USUAL = 0.95
_NAMESPACE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
_LOG = "AmlOnlineEndpointTrafficLog"


def latency(build: Build) -> Any:
    quantile = build.spec.quantile if build.spec.quantile is not None else _USUAL
    if quantile in QUANTILES and build.spec.min_samples is None:
        return _of_metric(build, f"RequestLatency_{QUANTILES[quantile]}")
    value = f"percentile(TotalDurationMs, {quantile * 100:g})"
    return _of_log(build, value, build.spec.threshold.milliseconds)


def errors(build: Build) -> Any:
    value = "todouble(countif(toint(ResponseCode) >= 500)) / count()"
    return _of_log(build, value, float(build.spec.threshold))


def _of_metric(build: Build, metric: str) -> Any:
    import pulumi_azure_native.monitor as monitor

    spec = build.spec
    made = build.make(
        monitor.MetricAlert,
        main=True,
        rule_name=physical(build, longest=64),
        resource_group_name=place(build).resource_group,
        location="global",
        enabled=True,
        severity=2,
        scopes=[build.outputs("endpoints", spec.endpoint)["id"]],
        evaluation_frequency=iso(spec.interval),
        window_size=iso(spec.window or spec.interval),
        target_resource_type=_NAMESPACE,
        auto_mitigate=True,
        criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            all_of=[
                monitor.MetricCriteriaArgs(
                    criterion_type="StaticThresholdCriterion",
                    name=build.name,
                    metric_namespace=_NAMESPACE,
                    metric_name=metric,
                    operator=monitor.Operator.GREATER_THAN,
                    threshold=float(spec.threshold.milliseconds),
                    time_aggregation=monitor.AggregationTypeEnum.AVERAGE,
                )
            ],
        ),
        actions=[
            monitor.MetricAlertActionArgs(action_group_id=build.outputs("notifications", name)["id"])
            for name in spec.notify
        ],
        tags=tags(build),
    )
    return made.id


def _of_log(build: Build, value: str, threshold: float) -> Any:
    import pulumi_azure_native.monitor as monitor

    spec, where = build.spec, place(build)
    if where.log_workspace_id is None:
        raise UsageError(
            f"monitors.{build.name} reads the log of requests, and the workspace names no log analytics",
            code="no-log-workspace",
            where=f"monitors.{build.name}",
            remedy="use signal: latency with quantile 0.5, 0.9, 0.95 or 0.99 and without min_samples, which "
            "is measured without a log; or have mlstack make the workspace",
        )
    logs = _logged(build, where.log_workspace_id)
    name = served(build, spec.endpoint).endpoint
    made = build.make(
        monitor.ScheduledQueryRule,
        main=True,
        options={"depends_on": [logs]},
        rule_name=physical(build, longest=64),
        resource_group_name=where.resource_group,
        location=where.location,
        enabled=True,
        severity=2,
        scopes=[where.log_workspace_id],
        evaluation_frequency=iso(spec.interval),
        window_size=iso(spec.window or spec.interval),
        auto_mitigate=True,
        # the table is there only when the first request has been logged
        skip_query_validation=True,
        criteria=monitor.ScheduledQueryRuleCriteriaArgs(
            all_of=[
                monitor.ConditionArgs(
                    query=f"{_LOG}\n| where EndpointName =~ '{name}'\n"
                    f"| summarize Requests = count(), Value = {value}\n"
                    f"| where Requests >= {spec.min_samples or 1}",
                    metric_measure_column="Value",
                    time_aggregation=monitor.TimeAggregation.MAXIMUM,
                    operator=monitor.ConditionOperator.GREATER_THAN,
                    threshold=threshold,
                    failing_periods=monitor.ConditionFailingPeriodsArgs(
                        number_of_evaluation_periods=1, min_failing_periods_to_alert=1
                    ),
                )
            ]
        ),
        actions=monitor.ActionsArgs(
            action_groups=[build.outputs("notifications", each)["id"] for each in spec.notify]
        ),
        tags=tags(build),
    )
    return made.id


def _logged(build: Build, workspace: Any) -> Any:
    """The endpoint's log of requests goes to log analytics, by one setting: the platform takes no second."""
    import pulumi_azure_native.monitor as monitor

    endpoint = build.spec.endpoint
    key = f"azure.logged.{endpoint}"
    if key not in build.shared:
        build.shared[key] = build.make(
            monitor.DiagnosticSetting,
            "logs",
            name=physical(build, "logs", longest=64),
            resource_uri=build.outputs("endpoints", endpoint)["id"],
            workspace_id=workspace,
            logs=[monitor.DiagnosticsLogSettingsArgs(category=_LOG, enabled=True)],
        )
    return build.shared[key]
