"""A monitor: of latency and errors a rule of the cluster's Prometheus; of data a CronJob that reads what was
captured, by the code that reads it on one's own machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_kubernetes.kinds import dashboard, monitor_data, monitor_rules

#: Signals that Prometheus counts.
COUNTED = ("latency", "errors")


def build(build: Build) -> Mapping[str, Any]:
    build.outputs("endpoints", build.spec.endpoint)
    dashboard.of_endpoint(build, build.spec.endpoint)
    if build.spec.signal in COUNTED:
        return {"id": monitor_rules.rule(build)}
    return {"id": monitor_data.reading(build)}
