"""Monitors: of requests, an alarm of CloudWatch; of data, a schedule of SageMaker Model Monitor and alarms on
what it measures. An endpoint that has one has a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_aws.kinds import dashboard, monitor_alerts, monitor_data


def build(build: Build) -> Mapping[str, Any]:
    dashboard.of_endpoint(build, build.spec.endpoint)
    if build.spec.signal in ("latency", "errors"):
        return {"id": monitor_alerts.alarm(build)}
    return {"id": monitor_data.schedule(build)}
