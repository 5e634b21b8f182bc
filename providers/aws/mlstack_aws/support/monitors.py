"""Monitors on AWS: what is refused, and what makes no input.

Times are those of CloudWatch's alarms: whole minutes, a day at most (``PutMetricAlarm``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack
from mlstack.spec.monitor import Monitor

_DATA = (
    "monitors of data are not built for AWS by this version of mlstack: compare in a job, start it by a "
    "schedule, and let it fail above the threshold; or set up SageMaker Model Monitor on what `capture` keeps"
)

UNSUPPORTED: Mapping[str, str] = {
    **{f"monitors.signal={signal}": _DATA
       for signal in ("data-drift", "prediction-drift", "data-quality", "feature-attribution")},
    "monitors.baseline": _DATA,
    "monitors.metric": _DATA,
    "monitors.features": _DATA,
    "monitors.code": _DATA,
}  # fmt: skip
NO_INPUT: Mapping[str, str] = {}

_LATENCY = Way(
    "of latency and errors",
    {"monitors": {"one": {"signal": "latency", "threshold": "200ms", "baseline": None}}},
)
WAYS: Mapping[str, Way] = {
    "monitors": _LATENCY,
    "monitors.threshold": Way(_LATENCY.when, _LATENCY.beside, "300ms"),
}

#: Signals whose thresholds or code are of a form of their own.
_SIGNALS = {
    "cost": (
        "cost is not supported on aws: the platform tells no cost of one endpoint",
        "use budget: {amount: …, currency: …}, which watches the whole stack's",
    ),
    "custom": (
        "custom is not supported on aws: CloudWatch runs no code of one's own",
        "measure in a job, start it by a schedule, and let it fail above the threshold",
    ),
}
_DAY = 86_400


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, monitor in stack.monitors.items():
        if monitor.signal in _SIGNALS:
            message, remedy = _SIGNALS[monitor.signal]
            yield ("monitors", name, "signal"), message, remedy
        if monitor.signal not in ("latency", "errors"):
            continue
        for field, message, remedy in _times(monitor):
            yield ("monitors", name, field), message, remedy
        endpoint = stack.endpoints.get(monitor.endpoint)
        if endpoint is not None and endpoint.type == "batch":
            yield (
                ("monitors", name, "endpoint"),
                f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
                "name an online endpoint",
            )


def _times(monitor: Monitor) -> Iterator[tuple[str, str, str]]:
    window = monitor.window or monitor.interval
    if window % 60 or window > _DAY:
        yield (
            "every" if monitor.window is None else "window",
            "an alarm of CloudWatch looks back over whole minutes, a day of them at most",
            "set 1m to 1d, such as 5m",
        )
