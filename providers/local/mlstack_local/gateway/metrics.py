"""Requests and latencies by deployment, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mlstack_gateway_requests",
            "Requests by the deployment that answered (none: refused before) and status.",
            ("deployment", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "mlstack_gateway_request_seconds",
            "Time from a request's last byte to its answer's.",
            ("deployment",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._counts: dict[tuple[str, int], Counter] = {}
        self._times: dict[str, Histogram] = {}

    def count(self, deployment: str, status: int) -> None:
        child = self._counts.get((deployment, status))
        if child is None:
            child = self._counts[deployment, status] = self._requests.labels(deployment, str(status))
        child.inc()

    def time(self, deployment: str, seconds: float) -> None:
        child = self._times.get(deployment)
        if child is None:
            child = self._times[deployment] = self._seconds.labels(deployment)
        child.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self._registry)
