"""Monitors on Vertex AI: what is refused, and what makes no input.

Times are those that Cloud Monitoring takes (REST reference, AlertPolicy.PrometheusQueryLanguageCondition),
and the minute at which Vertex AI writes its metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack.spec.monitor import Monitor

_INSTEAD = "measure in a job, start it by a schedule, and let it fail above the threshold"
_NOT_BUILT = f"not built by this version of mlstack: {_INSTEAD}"

UNSUPPORTED: Mapping[str, str] = {
    **{
        f"monitors.signal={signal}": _NOT_BUILT
        for signal in ("data-drift", "prediction-drift", "data-quality", "feature-attribution")
    },
    **{f"monitors.{field}": _NOT_BUILT for field in ("baseline", "metric", "features", "code")},
}
NO_INPUT: Mapping[str, str] = {}

_LATENCY = {"signal": "latency", "threshold": "200ms", "baseline": None}
WAYS: Mapping[str, Way] = {
    "monitors": Way("of latency and errors", {"monitors": {"one": _LATENCY}}),
    "monitors.threshold": Way(
        "a duration of latency, a part of errors", {"monitors": {"one": _LATENCY}}, "3s"
    ),
}

_SIGNALS = {
    "cost": (
        "the platform tells no cost of one endpoint",
        "use budget: {amount: …, currency: …}, which watches the whole stack's",
    ),
    "custom": ("a measure of one's own is not built by this version of mlstack", _INSTEAD),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, monitor in stack.monitors.items():
        endpoint = stack.endpoints.get(monitor.endpoint)
        if endpoint is not None and endpoint.type == "batch":
            yield (
                ("monitors", name, "endpoint"),
                f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
                "name an online endpoint, or compare the runs' outputs in a job",
            )
        if monitor.signal in _SIGNALS:
            yield ("monitors", name, "signal"), *_SIGNALS[monitor.signal]
        if monitor.signal in ("latency", "errors"):
            for field, message, remedy in _times(monitor):
                yield ("monitors", name, field), message, remedy


def _times(monitor: Monitor) -> Iterator[tuple[str, str, str]]:
    if monitor.interval % 30:
        yield "every", "an alert is looked at in steps of 30 seconds", "set 1m or more, in whole minutes"
    if (monitor.window or monitor.interval) % 60:
        field = "window" if monitor.window is not None else "every"
        yield field, "Vertex AI counts requests by the minute", "set 1m or more, in whole minutes"
