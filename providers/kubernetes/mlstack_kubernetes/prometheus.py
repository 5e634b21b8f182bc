"""What Prometheus knows of an endpoint: the names that mlstack's own server gives its figures.

A figure carries its namespace and its pod by the operator's own relabelling, and the endpoint's name as
``model``.

Sources: Prometheus, "Querying basics", "Query functions" (histogram_quantile, increase); Prometheus operator,
API reference (ServiceMonitor: podTargetLabels).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlstack_serving.config import Config
from mlstack_serving.contracts import routes
from mlstack_serving.metrics import BUCKETS

from mlstack.lowering.values import join, lift

REQUESTS = "mlstack_requests_total"
DURATION = "mlstack_request_duration_seconds"
IN_FLIGHT = "mlstack_requests_in_flight"
LOAD = "mlstack_model_load_seconds"
CAPTURED = "mlstack_captured_requests_total"
DROPPED = "mlstack_capture_dropped_total"
#: The label of pods, `mlstack_kubernetes.names.selector`, as Prometheus writes it.
POD_LABEL = "app.kubernetes.io/name"
_POD = "app_kubernetes_io_name"
#: Seconds between two looks. Of a time shorter than a few of them there is no rate.
INTERVAL = 15
SHORTEST = 60
#: Longer than this is all one to the histogram.
LONGEST = BUCKETS[-1]


def of_endpoint(namespace: Any, endpoint: str, mirrors: Sequence[str] = ()) -> Any:
    """Matchers of the requests that an endpoint has answered by its model: without what looks after its
    health, and without copies of requests, which ``mirrors`` (its deployments) answer to nobody."""
    asked = "|".join(predicting(endpoint))
    found = f'model="{endpoint}",route=~"{asked}"'
    if mirrors:
        found += f',{_POD}!~"{"|".join(f"{endpoint}-{name}" for name in mirrors)}"'
    return lift(namespace, lambda name: f'namespace="{name}",{found}')


def of_pods(namespace: Any, deployment: Any) -> Any:
    """Matchers of the pods of a Deployment, by its name."""
    return join('namespace="', namespace, '",pod=~"', deployment, '-.+"')


def predicting(endpoint: str) -> list[str]:
    """The routes by which a model is asked, under each of the contracts that are spoken in a cluster."""
    found = {
        route.path
        for contract in ("v2", "kserve")
        for route in routes(Config(model="-", name=endpoint, contract=contract))
        if route.takes
    }
    return sorted(found)


def quantile(matchers: str, share: float, window: str) -> str:
    rate = f"rate({DURATION}_bucket{{{matchers}}}[{window}])"
    return f"histogram_quantile({share!r}, sum by (le) ({rate}))"


def errors(matchers: str, window: str) -> str:
    """The share of requests that were answered with a status from 500 on."""
    failed = f'sum(rate({REQUESTS}{{{matchers},status=~"5.."}}[{window}]))'
    return f"{failed} / sum(rate({REQUESTS}{{{matchers}}}[{window}]))"


def answered(matchers: str, window: str) -> str:
    """How many requests were answered within the window."""
    return f"sum(increase({REQUESTS}{{{matchers}}}[{window}]))"


def span(seconds: float) -> str:
    """A time as Prometheus writes it."""
    return f"{round(seconds)}s"


def marks(port: int) -> Mapping[str, str]:
    """By which a Prometheus without the operator finds a pod, where its settings are the usual ones."""
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(port),
        "prometheus.io/path": "/metrics",
    }
