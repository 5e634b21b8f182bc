"""Monitors on AWS: what is refused, and what makes no input.

Times are those of CloudWatch's alarms: whole minutes, a day at most (``PutMetricAlarm``); of SageMaker Model
Monitor whole hours, a day at most (``ScheduleConfig``). What it measures: developer guide, "CloudWatch
metrics" and "Schema for constraints".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Endpoint, Stack
from mlstack.spec.monitor import METRICS, Monitor
from mlstack_aws.when import hours

_KS = "SageMaker Model Monitor measures drift by Kolmogorov-Smirnov's distance alone: write metric: ks"

UNSUPPORTED: Mapping[str, str] = {
    **{f"monitors.metric={metric}": _KS
       for metric in METRICS["data-drift"] if metric != "ks"},
    "monitors.code": (
        "CloudWatch runs no code of one's own: measure in a job, start it by a schedule, and let it fail "
        "above the threshold"
    ),
}  # fmt: skip
NO_INPUT: Mapping[str, str] = {
    "monitors.metric": "there is one for each signal (ks, null-rate): others are refused",
}

_LATENCY = {"one": {"signal": "latency", "threshold": "200ms", "baseline": None}}
_DRIFT = {"monitors": {"one": {"metric": "ks"}}}
_LABEL = {"data": {"one": {"path": "data/rows.csv", "type": "file", "columns": {"label": "label"}}}}
_CAPTURED: Mapping[str, Any] = {
    "endpoints": {"two": {"deployments": {"main": {"model": "two", "environment": "one", "capture": {}}}}}
}
WAYS: Mapping[str, Way] = {
    "monitors": Way("of drift by metric: ks; of missing values; of latency and errors", _DRIFT),
    "monitors.endpoint": Way(
        "one with captures, for signals that are read from them", {**_DRIFT, **_CAPTURED}
    ),
    "monitors.signal": Way("of predictions, with a label in the baseline", {**_DRIFT, **_LABEL}),
    "monitors.features": Way("names of the baseline's columns", _DRIFT, ["x"]),
    "monitors.every": Way("whole hours, for signals that are read from captures", _DRIFT, "2h"),
    "monitors.quantile": Way("of latency", {"monitors": _LATENCY}),
    "monitors.window": Way("of latency and errors", {"monitors": _LATENCY}),
    "monitors.min_samples": Way("of latency and errors", {"monitors": _LATENCY}),
}

#: Signals whose thresholds or code are of a form of their own.
_SIGNALS = {
    "cost": (
        "cost is not supported on aws: the platform tells no cost of one endpoint",
        "use budget: {amount: …, currency: …}, which watches the whole stack's",
    ),
    "feature-attribution": (
        "feature-attribution is not supported on aws: SageMaker Clarify sends no figure that an alarm could "
        "look at, and compares with 0.9 whatever is asked for",
        "compare in a job, start it by a schedule, and let it fail above the threshold",
    ),
    "custom": (
        "custom is not supported on aws: CloudWatch runs no code of one's own",
        "measure in a job, start it by a schedule, and let it fail above the threshold",
    ),
}
_DAY = 86_400
_FROM_DATA = ("data-drift", "prediction-drift", "data-quality")

Found = tuple[str, str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    for name, monitor in stack.monitors.items():
        found: list[Found] = []
        if monitor.signal in _SIGNALS:
            found = [("signal", *_SIGNALS[monitor.signal])]
        elif monitor.signal in ("latency", "errors"):
            found = [*_times(monitor)]
        elif monitor.signal in _FROM_DATA:
            found = [*_of_data(stack, monitor)]
        endpoint = stack.endpoints.get(monitor.endpoint)
        if endpoint is not None and monitor.signal not in _SIGNALS:
            found += _of_endpoint(monitor, endpoint)
        for field, message, remedy in found:
            yield ("monitors", name, field), message, remedy


def _of_endpoint(monitor: Monitor, endpoint: Endpoint) -> Iterator[Found]:
    if endpoint.type == "batch":
        yield (
            "endpoint",
            f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
            "name an online endpoint",
        )
    elif monitor.signal in _FROM_DATA and not any(
        each.capture is not None and each.server is None for each in endpoint.deployments.values()
    ):
        yield (
            "endpoint",
            f"{monitor.signal} is read from captured rows, and no deployment of {monitor.endpoint} captures "
            "any",
            f"set capture: {{sample: 1.0}} at each of endpoints.{monitor.endpoint}.deployments, one of them "
            "without a server of its own",
        )


def _of_data(stack: Stack, monitor: Monitor) -> Iterator[Found]:
    if monitor.metric is None and METRICS[monitor.signal][0] not in ("ks", "null-rate"):
        yield (
            "metric",
            f"{METRICS[monitor.signal][0]}, the usual one, is not measured on aws",
            "write metric: ks",
        )
    if monitor.metric in ("type-error-rate", "out-of-bounds-rate"):
        yield (
            "metric",
            f"SageMaker Model Monitor sends no {monitor.metric}, but the part of values that are missing",
            "write metric: null-rate",
        )
    if hours(monitor.interval) is None:
        yield "every", "a monitoring job runs every so many hours, 24 at most", "set 1h to 24h"
    if monitor.window is not None and monitor.window != monitor.interval:
        yield "window", "a monitoring job reads what came since the one before it", "leave it out"
    if monitor.min_samples is not None:
        yield "min_samples", "a monitoring job reads what is there", "leave it out, or set a longer every"
    kind, name, *_ = str(monitor.baseline).split(".")
    data = stack.data.get(name) if kind == "data" else None
    if kind != "data" or (data is not None and not _is_local(data.path)):
        yield (
            "baseline",
            "its columns have to be known beforehand: each has a figure of its own that an alarm looks at",
            "name data with the path of a CSV file on this machine",
        )
    elif (
        data is not None
        and monitor.signal == "prediction-drift"
        and not (data.columns and data.columns.label)
    ):
        yield (
            "baseline",
            "predictions are compared with the column that is predicted, and the baseline names none",
            f"set data.{name}.columns: {{label: COLUMN}}",
        )
    if monitor.signal == "prediction-drift" and monitor.features is not None:
        yield "features", "prediction-drift looks at the predictions alone", "leave it out"


def _is_local(path: object) -> bool:
    return isinstance(path, str) and "://" not in path


def _times(monitor: Monitor) -> Iterator[Found]:
    window = monitor.window or monitor.interval
    if window % 60 or window > _DAY:
        yield (
            "every" if monitor.window is None else "window",
            "an alarm of CloudWatch looks back over whole minutes, a day of them at most",
            "set 1m to 1d, such as 5m",
        )
