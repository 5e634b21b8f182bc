"""Figures of online endpoints, from CloudWatch.

Source: SageMaker's developer guide, "Amazon SageMaker AI metrics in Amazon CloudWatch": of each variant
Invocations, Invocation4XXErrors, Invocation5XXErrors, and ModelLatency in microseconds, by minute. They come
some minutes late.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mlstack.runtime import Figures, Record
from mlstack_aws.cloud import told
from mlstack_aws.runtime import children
from mlstack_aws.runtime.account import Account

#: How far back the first look goes.
_PAST = timedelta(hours=1)
#: Windows shorter than what AWS measures by would be empty.
_LEAST = timedelta(minutes=1)
_COUNTS = {
    "requests": "Invocations",
    "errors": "Invocation5XXErrors",
    "refused": "Invocation4XXErrors",
}
_LATENCY = ("p50", "p95", "p99")


def read(aws: Account, records: Sequence[Record]) -> Iterator[list[Figures]]:
    """First of the last hour, then each time of the time since the last look."""
    online = [
        record
        for record in records
        if record.kind == "endpoints" and children.of_type(record, children.ENDPOINT)
    ]
    since = datetime.now(UTC) - _PAST
    while True:
        now = datetime.now(UTC)
        since = min(since, now - _LEAST)
        yield [figures for record in online for figures in _of_endpoint(aws, record, since, now)]
        since = now


def _of_endpoint(aws: Account, record: Record, since: datetime, now: datetime) -> Iterator[Figures]:
    endpoint = children.endpoint(record)
    for name, held in children.held(record).items():
        dimensions = {"EndpointName": endpoint, "VariantName": str(held.get("name") or name)}
        found = _values(aws, record, dimensions, since, now)
        yield Figures(
            endpoint=record.name,
            deployment=name,
            seconds=(now - since).total_seconds(),
            requests=round(sum(found.get("requests", ()))),
            errors=round(sum(found.get("errors", ()))),
            refused=round(sum(found.get("refused", ()))),
            traffic=int(held.get("traffic") or 0),
            mirror=int(held["mirror"]) if held.get("mirror") else None,
            p50=_seconds(found.get("p50", ())),
            p95=_seconds(found.get("p95", ())),
            p99=_seconds(found.get("p99", ())),
        )


def _values(
    aws: Account, record: Record, dimensions: dict[str, str], since: datetime, now: datetime
) -> dict[str, list[float]]:
    """By figure, what CloudWatch has of each minute; counts by minute, latencies over all of the time."""
    whole = max(60, round((now - since).total_seconds() / 60) * 60)
    queries = [
        *(_query(key, metric, dimensions, "Sum", 60) for key, metric in _COUNTS.items()),
        *(_query(quantile, "ModelLatency", dimensions, quantile, whole) for quantile in _LATENCY),
    ]
    found: dict[str, list[float]] = {}
    with told(f"endpoint {record.name}"):
        pages = aws.of("cloudwatch", record).get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=now):
            for result in page["MetricDataResults"]:
                found.setdefault(result["Id"], []).extend(result["Values"])
    return found


def _query(id: str, metric: str, dimensions: dict[str, str], statistic: str, period: int) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    measured = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": named}
    return {"Id": id, "MetricStat": {"Metric": measured, "Period": period, "Stat": statistic}}


def _seconds(values: Sequence[float]) -> float | None:
    return max(values) / 1e6 if values else None
