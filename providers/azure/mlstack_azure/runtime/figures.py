"""Figures of online endpoints, from Azure Monitor.

Metrics of Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments, by minute; they come
some minutes late. https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/metrics-index
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mlstack.runtime import Figures, Record
from mlstack_azure.arm import Arm
from mlstack_azure.runtime import children

API = "2023-10-01"
#: How far back the first look goes; the platform keeps 93 days.
_PAST = timedelta(hours=1)
#: Windows shorter than what the platform measures by would be empty.
_LEAST = timedelta(minutes=1)
_LATENCIES = {"p50": "RequestLatency_P50", "p95": "RequestLatency_P95", "p99": "RequestLatency_P99"}


@dataclass
class _Row:
    requests: float = 0
    errors: float = 0
    refused: float = 0
    latencies: dict[str, float] = field(default_factory=dict)


def read(arm: Arm, records: Sequence[Record]) -> Iterator[list[Figures]]:
    """First of the last hour, then each time of the time since the last look."""
    online = [record for record in records if record.kind == "endpoints" and not children.is_batch(record)]
    since = datetime.now(UTC) - _PAST
    while True:
        now = datetime.now(UTC)
        if now - since < _LEAST:
            since = now - _LEAST
        found: list[Figures] = []
        for record in online:
            if record.outputs.get("url"):
                found += _of_endpoint(arm, record, since, now)
        since = now
        yield found


def _of_endpoint(arm: Arm, record: Record, since: datetime, now: datetime) -> list[Figures]:
    endpoint = children.endpoint_id(record)
    document = arm.find(endpoint)
    if document is None:
        return []
    shares = document["properties"].get("traffic") or {}
    mirrors = document["properties"].get("mirrorTraffic") or {}
    names = children.deployments(record)
    seconds = (now - since).total_seconds()
    found = []
    for name, azure in names.items():
        row = _row(arm, f"{endpoint}/deployments/{azure}", since, now)
        found.append(
            Figures(
                endpoint=record.name,
                deployment=name,
                seconds=seconds,
                requests=round(row.requests),
                errors=round(row.errors),
                refused=round(row.refused),
                traffic=shares.get(azure, 0),
                mirror=mirrors.get(azure) or None,
                p50=row.latencies.get("p50"),
                p95=row.latencies.get("p95"),
                p99=row.latencies.get("p99"),
            )
        )
    return found


def _row(arm: Arm, deployment: str, since: datetime, now: datetime) -> _Row:
    row = _Row()
    by_status = "envoy_response_code eq '*'"
    for _, labels, values in series(arm, deployment, ["RequestsPerMinute"], "Average", by_status, since, now):
        count = sum(values)  # of each minute the rate by minute: its requests
        row.requests += count
        status = labels.get("envoy_response_code", "")
        row.errors += count if status.startswith("5") else 0
        row.refused += count if status.startswith("4") else 0
    names = {metric.lower(): key for key, metric in _LATENCIES.items()}
    for metric, _, values in series(arm, deployment, list(_LATENCIES.values()), "Average", None, since, now):
        if values and row.requests:
            row.latencies[names[metric.lower()]] = sum(values) / len(values) / 1000
    return row


def series(
    arm: Arm, id: str, metrics: list[str], how: str, split: str | None, since: datetime, now: datetime
) -> Iterator[tuple[str, dict[str, str], list[float]]]:
    """(metric, labels in lower case, values by minute) of each series. Minutes without one are left out."""
    parameters = {
        "metricnames": ",".join(metrics),
        "aggregation": how,
        "interval": "PT1M",
        "timespan": f"{_zulu(since)}/{_zulu(now)}",
    }
    if split is not None:
        parameters["$filter"] = split
    found = arm.get(f"{id}/providers/Microsoft.Insights/metrics", API, **parameters)
    for value in found.get("value") or ():
        metric = str(value["name"]["value"])
        for each in value.get("timeseries") or ():
            labels = {
                str(item["name"]["value"]).lower(): str(item["value"]).lower()
                for item in each.get("metadatavalues") or ()
            }
            points = [point.get(how.lower()) for point in each.get("data") or ()]
            yield metric, labels, [float(point) for point in points if point is not None]


def _zulu(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
