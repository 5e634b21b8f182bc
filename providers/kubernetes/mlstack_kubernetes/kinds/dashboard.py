"""A dashboard of Grafana for an endpoint that is monitored: a ConfigMap, which Grafana's sidecar finds by its
label. Where there is no Grafana it is a file to import.

Sources: Grafana, "JSON model"; the chart grafana/grafana, "Sidecar for dashboards".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlstack.lowering.values import lift
from mlstack.provider import Build
from mlstack_kubernetes import prometheus
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, place

LABEL = {"grafana_dashboard": "1"}
_SHARED = "kubernetes.endpoints"
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_HALF, _HEIGHT = 12, 8
_WINDOW = "$__rate_interval"


def leave(build: Build) -> None:
    """Said by the builder of an endpoint: what belongs to it is made below it."""
    build.shared.setdefault(_SHARED, {})[build.name] = build


def of_endpoint(build: Build, endpoint: str) -> None:
    """Once for an endpoint, whichever of its monitors is built first."""
    from pulumi_kubernetes.core import v1

    key = f"kubernetes.dashboard.{endpoint}"
    owner: Build = build.shared[_SHARED][endpoint]
    if key in build.shared:
        return
    name = physical(owner, "dashboard")
    build.shared[key] = make(
        owner,
        v1.ConfigMap,
        "dashboard",
        name=name,
        more_labels=LABEL,
        data={f"{name}.json": lift(place(owner).namespace, lambda space: dashboard(space, endpoint, name))},
    )


def dashboard(namespace: str, endpoint: str, uid: str) -> str:
    """Its JSON. ``uid``: by which Grafana knows it again."""
    found = {
        "uid": uid[-40:].strip("-"),
        "title": f"{endpoint} ({namespace})",
        "tags": ["mlstack"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Data source", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(at, **each) for at, each in enumerate(_panels(namespace, endpoint))],
    }
    return json.dumps(found, sort_keys=True)


def _panels(namespace: str, endpoint: str) -> list[Mapping[str, Any]]:
    asked = prometheus.of_endpoint(namespace, endpoint)
    whole = f'namespace="{namespace}",model="{endpoint}"'
    watched = f'namespace="{namespace}",endpoint="{endpoint}"'
    return [
        {
            "title": "Requests",
            "unit": "reqps",
            "lines": {
                "{{status}}": f"sum by (status) (rate({prometheus.REQUESTS}{{{asked}}}[{_WINDOW}]))",
            },
        },
        {"title": "Errors", "unit": "percentunit", "lines": {"5xx": prometheus.errors(asked, _WINDOW)}},
        {
            "title": "Latency",
            "unit": "s",
            "lines": {
                f"p{100 * share:g}": prometheus.quantile(asked, share, _WINDOW) for share in (0.5, 0.95, 0.99)
            },
        },
        {
            "title": "In flight",
            "unit": "short",
            "lines": {"{{pod}}": f"sum by (pod) ({prometheus.IN_FLIGHT}{{{whole}}})"},
        },
        {
            "title": "Captured",
            "unit": "reqps",
            "lines": {
                "kept": f"sum(rate({prometheus.CAPTURED}{{{whole}}}[{_WINDOW}]))",
                "dropped: {{reason}}": f"sum by (reason) (rate({prometheus.DROPPED}{{{whole}}}[{_WINDOW}]))",
            },
        },
        {
            "title": "Monitors",
            "unit": "short",
            "lines": {
                "{{monitor}}": f"mlstack_monitor_value{{{watched}}}",
                "{{monitor}}: threshold": f"mlstack_monitor_threshold{{{watched}}}",
            },
        },
    ]


def _panel(at: int, title: str, unit: str, lines: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": at + 1,
        "type": "timeseries",
        "title": title,
        "datasource": _SOURCE,
        "gridPos": {"x": _HALF * (at % 2), "y": _HEIGHT * (at // 2), "w": _HALF, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "expr": expr, "legendFormat": legend, "datasource": _SOURCE}
            for number, (legend, expr) in enumerate(lines.items())
        ],
    }
