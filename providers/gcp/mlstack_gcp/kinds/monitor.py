"""Latency and errors of an endpoint's requests: alert policies of Cloud Monitoring, in PromQL.

A condition of thresholds knows four quantiles, and no least number of requests; an expression has both.
Sources: "Google Cloud metrics", aiplatform (prediction/online/prediction_latencies in milliseconds,
prediction/online/response_count with response_code); "Mapping Cloud Monitoring metrics to PromQL".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack.spec.monitor import Monitor
from mlstack_gcp.kinds import drift
from mlstack_gcp.kinds.served import served
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place
from mlstack_gcp.values import lift

_LATENCIES = "aiplatform_googleapis_com:prediction_online_prediction_latencies_bucket"
_RESPONSES = "aiplatform_googleapis_com:prediction_online_response_count"
_USUAL = 0.95


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.signal == "data-drift":
        return drift.build(build)
    from pulumi_gcp import monitoring

    spec, here = build.spec, place(build)
    number = served(build, spec.endpoint).number
    condition = monitoring.AlertPolicyConditionConditionPrometheusQueryLanguageArgs(
        query=lift(number, lambda known: query(spec, known)),
        evaluation_interval=f"{round(spec.interval)}s",
        duration="0s",
        # the metrics are there only when the first request has been answered
        disable_metric_validation=True,
    )
    made = build.make(
        monitoring.AlertPolicy,
        main=True,
        options={"depends_on": list(here.resources)},
        display_name=physical(build, longest=100),
        project=here.project,
        combiner="OR",
        severity="WARNING",
        conditions=[
            monitoring.AlertPolicyConditionArgs(
                display_name=f"{spec.signal} of {spec.endpoint}",
                condition_prometheus_query_language=condition,
            )
        ],
        notification_channels=[build.outputs("notifications", name)["id"] for name in spec.notify],
        user_labels=labels(build),
    )
    return {"id": made.name}


def query(spec: Monitor, endpoint: str) -> str:
    """The expression that is true where the monitor fires. ``endpoint`` is its number."""
    window = f"{round(spec.window or spec.interval)}s"
    all_requests = requests(endpoint, window)
    if spec.signal == "latency":
        quantile = spec.quantile if spec.quantile is not None else _USUAL
        buckets = _counted(_LATENCIES, endpoint, window, 'latency_type="total"')
        value = f"histogram_quantile({quantile:g}, sum by (le) ({buckets}))"
        limit: float = spec.threshold.milliseconds  # type: ignore[union-attr]
    else:
        failed = _counted(_RESPONSES, endpoint, window, 'response_code=~"5.."')
        value, limit = f"sum({failed}) / {all_requests}", float(spec.threshold)  # type: ignore[arg-type]
    asked = f"{value} > {limit:.15g}"
    return asked if spec.min_samples is None else f"({asked}) and ({all_requests} >= {spec.min_samples})"


def requests(endpoint: str, window: str) -> str:
    """How many requests an endpoint (its number) has answered in a window ("300s"), as an expression."""
    return f"sum({_counted(_RESPONSES, endpoint, window)})"


def _counted(metric: str, endpoint: str, window: str, *more: str) -> str:
    chosen = f'monitored_resource="aiplatform.googleapis.com/Endpoint",endpoint_id="{endpoint}"'
    return f"increase({metric}{{{','.join((chosen, *more))}}}[{window}])"
