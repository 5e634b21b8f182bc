"""Monitors on Azure: what is refused, and what makes no input.

Times are those that Azure Monitor's alert rules and Azure ML's schedules take (Azure REST, "Metric Alerts",
"Scheduled Query Rules", "Schedules").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.provider import Way
from mlstack.spec import Endpoint, Stack
from mlstack.spec.monitor import Monitor
from mlstack.spec.units import Duration
from mlstack_azure.recurrence import recurrence
from mlstack_azure.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {}
NO_INPUT: Mapping[str, str] = {}

_CAPTURED = {"two": {"deployments": {"main": {"model": "two", "environment": "one", "capture": {}}}}}
_LATENCY = {"one": {"signal": "latency", "threshold": "200ms", "baseline": None}}

WAYS: Mapping[str, Way] = {
    "monitors.endpoint": Way(
        "one with captures, for signals that are read from them", {"endpoints": _CAPTURED}
    ),
    "monitors.min_samples": Way("of latency and errors", {"monitors": _LATENCY}),
}

_SIGNALS = {
    "cost": (
        "the platform tells no cost of one endpoint",
        "use budget: {amount: …, currency: …}, which watches the whole stack's",
    ),
    "custom": (
        "a measure of one's own is a component of a monitoring job here, which is a Spark program",
        "measure in a job, start it by a schedule, and let it fail above the threshold",
    ),
}
_FROM_DATA = ("data-drift", "prediction-drift", "data-quality", "feature-attribution")
#: Minutes.
_EVERY = {True: (1, 5, 15, 30, 60), False: (1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440)}
_WINDOW = {
    True: (1, 5, 15, 30, 60, 360, 720, 1440),
    False: (1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440, 2880),
}
_QUANTILES = (0.5, 0.9, 0.95, 0.99)

Found = tuple[str, str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, monitor in stack.monitors.items():
        endpoint = stack.endpoints.get(monitor.endpoint)
        if monitor.signal in _SIGNALS:
            yield ("monitors", name, "signal"), *_SIGNALS[monitor.signal]
            continue
        found = [*_of_endpoint(monitor, endpoint)] if endpoint is not None else []
        found += _of_data(stack, monitor) if monitor.signal in _FROM_DATA else _of_requests(monitor)
        for field, message, remedy in found:
            yield ("monitors", name, field), message, remedy


def _of_endpoint(monitor: Monitor, endpoint: Endpoint) -> Iterator[Found]:
    if endpoint.type == "batch":
        yield (
            "endpoint",
            f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
            "name an online endpoint, or compare the runs' outputs in a job",
        )
    elif monitor.signal in _FROM_DATA and not any(
        each.capture is not None and each.server is None for each in endpoint.deployments.values()
    ):
        first = next(iter(endpoint.deployments))
        yield (
            "endpoint",
            f"{monitor.signal} is read from captured rows, and no deployment of {monitor.endpoint} captures "
            "any",
            f"set endpoints.{monitor.endpoint}.deployments.{first}.capture: {{sample: 1.0}}, at one without "
            "a server of its own",
        )


def _of_data(stack: Stack, monitor: Monitor) -> Iterator[Found]:
    if recurrence(monitor.interval) is None:
        yield "every", "the platform counts in whole minutes", "set 1m or more, such as 1h or 1d"
    if monitor.min_samples is not None:
        yield "min_samples", "a monitoring job reads what is there", "leave it out, or set a longer every"
    for name in monitor.notify:
        notification = stack.notifications.get(name)
        if notification is not None and notification.email is None:
            yield (
                "notify",
                f"a monitoring job writes to e-mail addresses alone, and {name} has none",
                "name a notification with email",
            )
    if monitor.signal == "feature-attribution" and monitor.baseline is not None:
        kind, name, *_ = monitor.baseline.split(".")
        data = stack.data.get(name) if kind == "data" else None
        if data is None or data.columns is None or data.columns.label is None:
            yield (
                "baseline",
                "the worth of features is told by the column that is predicted, and the baseline names none",
                "use a baseline under data, with columns: {label: COLUMN}",
            )
    if monitor.signal in ("prediction-drift", "feature-attribution") and monitor.features is not None:
        yield "features", f"{monitor.signal} looks at all columns on this platform", "leave it out"


def _of_requests(monitor: Monitor) -> Iterator[Found]:
    quantile = monitor.quantile if monitor.quantile is not None else 0.95
    by_metric = monitor.signal == "latency" and quantile in _QUANTILES and monitor.min_samples is None
    if fault := _minutes(monitor.interval, _EVERY[by_metric]):
        yield "every", *fault
    window = monitor.window or monitor.interval
    field = "window" if monitor.window is not None else "every"
    if fault := _minutes(window, _WINDOW[by_metric]):
        yield field, *fault
    elif window < monitor.interval:
        yield "window", "an alert looks back from one reading to the last at least", f"set {monitor.interval}"


def _minutes(given: Duration, taken: tuple[int, ...]) -> tuple[str, str] | None:
    if given % 60 == 0 and round(given / 60) in taken:
        return None
    forms = ", ".join(str(Duration(each * 60)) for each in taken)
    return f"Azure Monitor does not take {given} here", f"set one of {forms}"
