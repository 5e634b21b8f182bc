"""The gateway's figures for Prometheus: rates, errors and durations by deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from mlstack_local.gateway.access import AccessLog
from mlstack_local.gateway.relay import Relay
from mlstack_local.gateway.tally import Histogram

CONTENT_TYPE = CONTENT_TYPE_LATEST
_LABELS = ("endpoint", "deployment")


class Metrics(Collector):
    """Reads the tallies when it is asked; requests pay nothing for it."""

    def __init__(self, endpoint: str, relay: Relay, access: AccessLog) -> None:
        self._endpoint = endpoint
        self._relay = relay
        self._access = access
        self._ready: Mapping[str, int] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self, ready: Mapping[str, int]) -> bytes:
        """``ready``: how many workers of each deployment say so of themselves."""
        self._ready = ready
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "mlstack_gateway_requests",
            "Requests by the deployment that answered (none: refused before) and status.",
            labels=(*_LABELS, "status"),
        )
        in_flight = GaugeMetricFamily(
            "mlstack_gateway_requests_in_flight", "Requests that wait or are worked on.", labels=_LABELS
        )
        seconds = HistogramMetricFamily(
            "mlstack_gateway_request_duration_seconds",
            "Time from a request's last byte to the whole answer of its deployment.",
            labels=_LABELS,
        )
        received = HistogramMetricFamily(
            "mlstack_gateway_request_size_bytes", "Size of requests' bodies.", labels=_LABELS
        )
        sent = HistogramMetricFamily(
            "mlstack_gateway_response_size_bytes", "Size of answers' bodies.", labels=_LABELS
        )
        retries = CounterMetricFamily(
            "mlstack_gateway_retries",
            "Times that a request was sent again: its worker was not there, or not ready.",
            labels=_LABELS,
        )
        for name, tally in self._relay.traffic.items():
            place = (self._endpoint, name)
            for status, count in tally.statuses.items():
                requests.add_metric((*place, str(status)), count)
            in_flight.add_metric(place, tally.in_flight)
            _add(seconds, place, tally.seconds)
            _add(received, place, tally.received)
            _add(sent, place, tally.sent)
            retries.add_metric(place, tally.retries)
        yield from (requests, in_flight, seconds, received, sent, retries)
        yield from self._workers()
        yield from self._mirrors()
        yield from self._captures()
        lost = CounterMetricFamily(
            "mlstack_gateway_access_log_dropped",
            "Lines that are missing in the access log, because the disk did not follow or is full.",
            labels=("endpoint",),
        )
        lost.add_metric((self._endpoint,), self._access.dropped)
        yield lost

    def _workers(self) -> Iterator[Metric]:
        known = GaugeMetricFamily(
            "mlstack_gateway_workers", "Workers that requests may go to.", labels=_LABELS
        )
        ready = GaugeMetricFamily(
            "mlstack_gateway_workers_ready", "Workers that say that they are ready.", labels=_LABELS
        )
        for name, backend in self._relay.config.deployments.items():
            known.add_metric((self._endpoint, name), len(backend.workers))
            ready.add_metric((self._endpoint, name), self._ready.get(name, 0))
        number = GaugeMetricFamily(
            "mlstack_gateway_config_number", "Changes of the config that is followed.", labels=("endpoint",)
        )
        number.add_metric((self._endpoint,), self._relay.config.number)
        yield from (known, ready, number)

    def _mirrors(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "mlstack_gateway_mirrored_requests",
            "Copies of requests by the deployment that they were sent to and status.",
            labels=(*_LABELS, "status"),
        )
        in_flight = GaugeMetricFamily(
            "mlstack_gateway_mirrored_requests_in_flight",
            "Copies that wait or are worked on.",
            labels=_LABELS,
        )
        seconds = HistogramMetricFamily(
            "mlstack_gateway_mirrored_request_duration_seconds",
            "Time from the sending of a copy to its whole answer.",
            labels=_LABELS,
        )
        for name, tally in self._relay.mirrored.items():
            place = (self._endpoint, name)
            for status, count in tally.statuses.items():
                requests.add_metric((*place, str(status)), count)
            in_flight.add_metric(place, tally.in_flight)
            _add(seconds, place, tally.seconds)
        dropped = CounterMetricFamily(
            "mlstack_gateway_mirrored_dropped",
            "Copies that were not sent, because the deployment did not follow.",
            labels=_LABELS,
        )
        for name, count in self._relay.mirror.dropped.items():
            dropped.add_metric((self._endpoint, name), count)
        yield from (requests, in_flight, seconds, dropped)

    def _captures(self) -> Iterator[Metric]:
        written = CounterMetricFamily(
            "mlstack_gateway_capture_rows", "Requests written to captures.", labels=_LABELS
        )
        for name, count in list(self._relay.recorder.written.items()):
            written.add_metric((self._endpoint, name), count)
        dropped = CounterMetricFamily(
            "mlstack_gateway_capture_dropped",
            "Requests that should have been captured and were not: slow (the disk did not follow), large (a "
            "body over 1 MiB), failed (an error of the disk).",
            labels=(*_LABELS, "reason"),
        )
        for (name, reason), count in list(self._relay.recorder.dropped.items()):
            dropped.add_metric((self._endpoint, name, reason), count)
        yield from (written, dropped)


def _add(family: HistogramMetricFamily, labels: tuple[str, ...], histogram: Histogram) -> None:
    buckets, total = [], 0
    for bound, count in zip((*histogram.bounds, float("inf")), histogram.counts, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(float(bound)), float(total)))
    family.add_metric(labels, buckets, histogram.sum)
