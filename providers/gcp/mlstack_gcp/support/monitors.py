"""Monitors on Vertex AI: what is refused, and what makes no input.

Times are those that Cloud Monitoring takes (REST reference, AlertPolicy.PrometheusQueryLanguageCondition),
and the minute at which Vertex AI writes its metrics. What a monitoring job takes is of the messages of
google.cloud.aiplatform.v1 (ThresholdConfig, ModelDeploymentMonitoringScheduleConfig, TrainingDataset), and of
the page "Monitor feature skew and drift".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Endpoint, Stack
from mlstack.spec.monitor import Monitor
from mlstack_gcp.baselines import FORMS, form

_INSTEAD = "measure in a job, start it by a schedule, and let it fail above the threshold"

UNSUPPORTED: Mapping[str, str] = {
    "monitors.signal=prediction-drift": "a monitoring job of Vertex AI looks at what a model is asked, and "
    f"not at what it answers: watch data-drift, or {_INSTEAD}",
    "monitors.signal=data-quality": "a monitoring job of Vertex AI measures how far columns are from a "
    f"baseline, and counts no nulls or wrong types: watch data-drift, or {_INSTEAD}",
    "monitors.signal=feature-attribution": "Vertex AI explains only models that are registered with how they "
    f"are to be explained, and knows no ndcg: watch data-drift, or {_INSTEAD}",
    "monitors.code": f"a measure of one's own is not run by Vertex AI: {_INSTEAD}",
    **{
        f"monitors.metric={metric}": "Vertex AI measures the Jensen-Shannon divergence of numbers, and the "
        "largest difference of categories: set jensen-shannon, or leave it out"
        for metric in ("psi", "ks", "chi-square", "wasserstein")
    },
}
NO_INPUT: Mapping[str, str] = {
    "monitors.metric": "Vertex AI measures distances in one way alone",
}

_LATENCY = {"signal": "latency", "threshold": "200ms", "baseline": None}
_ROWS = {"path": "data/rows.csv", "type": "file", "columns": {"label": "label"}}
_LABEL = {"data": {"one": _ROWS}}
_CAPTURED = {"two": {"deployments": {"main": {"model": "two", "environment": "one", "capture": {}}}}}
WAYS: Mapping[str, Way] = {
    "monitors": Way("of data drift, from a baseline that names its label; of latency and errors", _LABEL),
    "monitors.endpoint": Way("one with captures, for data drift", {**_LABEL, "endpoints": _CAPTURED}),
    "monitors.baseline": Way(
        "data that names its label, as CSV, JSON lines or TFRecord",
        {"data": {"one": _ROWS, "two": {**_ROWS, "path": "data/other.csv"}}},
    ),
    "monitors.min_samples": Way("of latency and errors", {"monitors": {"one": _LATENCY}}),
    "monitors.every": Way("of data drift in whole hours", _LABEL, "6h"),
    "monitors.metric": Way("as there is no other", _LABEL, "jensen-shannon"),
}

_SIGNALS = {
    "cost": (
        "the platform tells no cost of one endpoint",
        "use budget: {amount: …, currency: …}, which watches the whole stack's",
    ),
    "custom": ("a measure of one's own is not run by Vertex AI", _INSTEAD),
}
_HOUR = 3600

Found = tuple[str, str, str]


def refusals(stack: Stack) -> Iterator[Refusal]:
    watched: dict[str, str] = {}
    for name, monitor in stack.monitors.items():
        endpoint = stack.endpoints.get(monitor.endpoint)
        found: list[Found] = []
        if endpoint is not None and endpoint.type == "batch":
            found.append(
                (
                    "endpoint",
                    f"{monitor.endpoint} is a batch endpoint, which has no requests to watch",
                    "name an online endpoint, or compare the runs' outputs in a job",
                )
            )
        elif monitor.signal == "data-drift":
            found += _of_endpoint(monitor, endpoint, watched.setdefault(monitor.endpoint, name), name)
        if monitor.signal in _SIGNALS:
            found.append(("signal", *_SIGNALS[monitor.signal]))
        if monitor.signal in ("latency", "errors"):
            found += _times(monitor)
        if monitor.signal == "data-drift":
            found += _of_drift(stack, monitor)
        for field, message, remedy in found:
            yield ("monitors", name, field), message, remedy


def _of_endpoint(monitor: Monitor, endpoint: Endpoint | None, first: str, name: str) -> Iterator[Found]:
    if endpoint is None:
        return
    if first != name:
        yield (
            "endpoint",
            f"an endpoint of Vertex AI has one monitoring job, and monitors.{first} is {monitor.endpoint}'s",
            "name the columns of both in one monitor",
        )
        return
    if all(each.capture is None for each in endpoint.deployments.values()):
        one = next(iter(endpoint.deployments))
        yield (
            "endpoint",
            f"data-drift is read from captured requests, and {monitor.endpoint} captures none",
            f"set endpoints.{monitor.endpoint}.deployments.{one}.capture: {{sample: 1.0}}, at all of them",
        )


def _of_drift(stack: Stack, monitor: Monitor) -> Iterator[Found]:
    if monitor.interval % _HOUR:
        yield "every", "a monitoring job begins every so many whole hours", "set 1h or more, such as 6h or 1d"
    if monitor.window is not None and monitor.window % 1:
        yield "window", "a monitoring job looks back over whole seconds", "set 1s or more, such as 1h or 1d"
    if not monitor.threshold:
        yield "threshold", "a column with the threshold 0 is not monitored", "set more than 0, such as 0.1"
    if monitor.min_samples is not None:
        yield "min_samples", "a monitoring job reads what is there", "leave it out, or set a longer every"
    kind, name, *_ = str(monitor.baseline).split(".")
    data = stack.data.get(name) if kind == "data" else None
    if kind != "data":
        yield (
            "baseline",
            "a baseline has to name the column that is predicted, which the output of a job does not",
            "have the file under data, with columns: {label: COLUMN}",
        )
    if data is None:
        return
    if data.columns is None or data.columns.label is None:
        yield (
            "baseline",
            f"a monitoring job has to know which column is predicted, and data.{name} names none",
            f"set data.{name}.columns: {{label: COLUMN}}",
        )
    if form(stack.root, data) is None:
        yield (
            "baseline",
            f"data.{name} does not say how its rows are written",
            f"name files that end in one of {', '.join(FORMS)}, and one of them alone",
        )


def _times(monitor: Monitor) -> Iterator[Found]:
    if monitor.interval % 30:
        yield "every", "an alert is looked at in steps of 30 seconds", "set 1m or more, in whole minutes"
    if (monitor.window or monitor.interval) % 60:
        field = "window" if monitor.window is not None else "every"
        yield field, "Vertex AI counts requests by the minute", "set 1m or more, in whole minutes"
