"""Figures of online endpoints, from Cloud Monitoring.

Metrics of the resource aiplatform.googleapis.com/Endpoint, by minute; they come some minutes late. Source:
Google Cloud metrics, "aiplatform": prediction/online/response_count (label response_code) and
prediction/online/prediction_latencies (a distribution, in milliseconds), both with deployed_model_id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mlstack.runtime import Figures, Record
from mlstack_gcp import cloud
from mlstack_gcp.resources import endpoints
from mlstack_gcp.runtime import children

_METRICS = "aiplatform.googleapis.com/prediction/online"
_RESPONSES = f"{_METRICS}/response_count"
_LATENCIES = f"{_METRICS}/prediction_latencies"
_PERCENTILES = {"p50": "REDUCE_PERCENTILE_50", "p95": "REDUCE_PERCENTILE_95", "p99": "REDUCE_PERCENTILE_99"}
_DEPLOYED = "metric.label.deployed_model_id"
#: How far back the first look goes; the platform keeps six weeks.
_PAST = timedelta(hours=1)
#: Windows shorter than what the platform measures by would be empty.
_LEAST = timedelta(minutes=1)


@dataclass
class _Row:
    requests: int = 0
    errors: int = 0
    refused: int = 0
    latencies: dict[str, float] = field(default_factory=dict)


def read(records: Sequence[Record]) -> Iterator[list[Figures]]:
    """First of the last hour, then each time of the time since the last look."""
    online = [record for record in records if children.of_type(record, children.ENDPOINT)]
    since = datetime.now(UTC) - _PAST
    while True:
        now = datetime.now(UTC)
        since = min(since, now - _LEAST)
        yield [each for record in online for each in _of_endpoint(record, since, now)]
        since = now


def _of_endpoint(record: Record, since: datetime, now: datetime) -> Iterator[Figures]:
    name = children.one(record, children.ENDPOINT).id
    found = endpoints.find(name)
    if found is None:
        return
    rows = _rows(name, since, now)
    for deployment, held in children.deployments(record).items():
        row = rows[str(held.get("id"))]
        yield Figures(
            endpoint=record.name,
            deployment=deployment,
            seconds=(now - since).total_seconds(),
            requests=row.requests,
            errors=row.errors,
            refused=row.refused,
            traffic=found.traffic_split.get(str(held.get("id")), 0),
            p50=row.latencies.get("p50"),
            p95=row.latencies.get("p95"),
            p99=row.latencies.get("p99"),
        )


def _rows(name: str, since: datetime, now: datetime) -> dict[str, _Row]:
    """By deployed-model id."""
    rows: dict[str, _Row] = defaultdict(_Row)
    by_code = ("ALIGN_DELTA", "REDUCE_SUM", (_DEPLOYED, "metric.label.response_code"))
    for labels, value in _series(name, _RESPONSES, by_code, since, now):
        row, count, code = rows[labels["deployed_model_id"]], round(value), labels.get("response_code", "")
        row.requests += count
        row.errors += count if code.startswith("5") else 0
        row.refused += count if code.startswith("4") else 0
    for percentile, reducer in _PERCENTILES.items():
        how = ("ALIGN_DELTA", reducer, (_DEPLOYED,))
        total = 'metric.labels.latency_type="total"'
        for labels, value in _series(name, _LATENCIES, how, since, now, total):
            rows[labels["deployed_model_id"]].latencies[percentile] = value / 1000
    return rows


def _series(
    endpoint: str,
    metric: str,
    how: tuple[str, str, tuple[str, ...]],
    since: datetime,
    now: datetime,
    *filters: str,
) -> Iterator[tuple[dict[str, str], float]]:
    """(labels, value) of each series over the whole window, which is one period."""
    aligner, reducer, fields = how
    parameters: dict[str, Any] = {
        "filter": " AND ".join(
            (
                f'metric.type="{metric}"',
                'resource.type="aiplatform.googleapis.com/Endpoint"',
                f'resource.labels.endpoint_id="{endpoint.rpartition("/")[2]}"',
                *filters,
            )
        ),
        "interval.startTime": _zulu(since),
        "interval.endTime": _zulu(now),
        "aggregation.alignmentPeriod": f"{max(60, round((now - since).total_seconds()))}s",
        "aggregation.perSeriesAligner": aligner,
        "aggregation.crossSeriesReducer": reducer,
        "aggregation.groupByFields": list(fields),
    }
    project = endpoint.split("/")[1]
    while True:
        page = cloud.rest("monitoring", "GET", f"/v3/projects/{project}/timeSeries", params=parameters)
        for each in page.get("timeSeries") or ():
            labels = (each.get("metric") or {}).get("labels") or {}
            values = [_number(point["value"]) for point in each.get("points") or ()]
            if values:
                yield labels, sum(values) if reducer == "REDUCE_SUM" else values[0]
        if not page.get("nextPageToken"):
            return
        parameters["pageToken"] = page["nextPageToken"]


def _number(value: dict[str, Any]) -> float:
    return float(value.get("doubleValue", value.get("int64Value", 0)))


def _zulu(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
