"""A dashboard of CloudWatch for an endpoint that is monitored: its requests, errors and latency by variant,
and all that its monitors of data measure.

It is below the endpoint's component, as several monitors share it. Which monitors there are CloudWatch finds
by itself: a search is by the endpoint's name.

Source: CloudWatch API reference, "Dashboard body structure and syntax"; CloudWatch user guide, "Use search
expressions in graphs".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_aws.kinds.monitor_alerts import NAMESPACE
from mlstack_aws.kinds.served import Served, served
from mlstack_aws.names import physical
from mlstack_aws.place import place

#: Of what monitoring schedules publish. Source: `mlstack_aws.kinds.monitor_columns`.
DATA = "aws/sagemaker/Endpoints/data-metrics"
_REQUESTS = (
    ("Requests", "Invocations", "Sum"),
    ("Errors", "Invocation5XXErrors", "Sum"),
    ("Latency in microseconds", "ModelLatency", "p95"),
)
_HALF, _HEIGHT = 12, 6
_PERIOD = 300


def of_endpoint(build: Build, endpoint: str) -> None:
    """Once for an endpoint, whichever of its monitors is built first."""
    from pulumi_aws import cloudwatch

    found = served(build, endpoint)
    key = f"aws.dashboard.{endpoint}"
    if key in build.shared:
        return
    assert found.owner is not None
    owner = found.owner
    region = place(build).region
    build.shared[key] = owner.make(
        cloudwatch.Dashboard,
        "dashboard",
        region=region,
        dashboard_name=physical(owner, "dashboard", longest=255),
        dashboard_body=pulumi.Output.json_dumps({"widgets": _widgets(found, region)}, sort_keys=True),
    )


def _widgets(found: Served, region: str) -> list[dict[str, Any]]:
    variants = [found.variants[each] for each in sorted(found.variants)]
    made = [
        _widget(
            title,
            [[NAMESPACE, metric, "EndpointName", found.endpoint, "VariantName", each] for each in variants],
            {"region": region, "stat": statistic, "period": _PERIOD},
        )
        for title, metric, statistic in _REQUESTS
    ]
    if found.captures is not None:
        search = (
            f'SEARCH(\'{{{DATA},Endpoint,MonitoringSchedule}} Endpoint="{found.endpoint}" '
            "feature_baseline_drift', 'Sum', 3600)"
        )
        made.append(_widget("Drift", [[{"expression": search, "id": "drift"}]], {"region": region}))
    return [
        {**each, "x": _HALF * (at % 2), "y": _HEIGHT * (at // 2), "width": _HALF, "height": _HEIGHT}
        for at, each in enumerate(made)
    ]


def _widget(title: str, metrics: Sequence[Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "metric",
        "properties": {"title": title, "metrics": metrics, "view": "timeSeries", **more},
    }
