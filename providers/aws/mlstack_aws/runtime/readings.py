"""Readings of monitors: the queries of an alarm, asked of CloudWatch for the windows that it looked at.

Source: CloudWatch API reference, DescribeAlarms (an alarm's ``Metrics`` are queries of GetMetricData).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import Reading, ReadingState, Record
from mlstack_aws.cloud import told
from mlstack_aws.runtime import children
from mlstack_aws.runtime.account import Account

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def latest(aws: Account, record: Record, count: int) -> list[Reading]:
    """The last windows, the oldest first. Windows without requests are readings without a value."""
    name = children.one(record, ALARM).id
    client = aws.of("cloudwatch", record)
    with told(f"monitor {record.name}"):
        alarms = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    if not alarms:
        raise UsageError(
            f"the alarm {name} is not on AWS", code="not-there", remedy="run `mlstack up --refresh`"
        )
    queries = [dict(each, ReturnData=True) for each in alarms[0]["Metrics"]]
    stats = [each["MetricStat"] for each in queries if "MetricStat" in each]
    window = timedelta(seconds=stats[0]["Period"])
    now = datetime.now(UTC)
    until = now - (now - datetime.fromtimestamp(0, UTC)) % window
    found: dict[str, dict[datetime, float]] = {}
    with told(f"monitor {record.name}"):
        pages = client.get_paginator("get_metric_data")
        for page in pages.paginate(
            MetricDataQueries=queries, StartTime=until - window * count, EndTime=until
        ):
            for each in page["MetricDataResults"]:
                found.setdefault(each["Id"], {}).update(zip(each["Timestamps"], each["Values"], strict=True))
    is_latency = any(each["Metric"]["MetricName"] == "ModelLatency" for each in stats)
    measure = f"{stats[0]['Stat']} latency in seconds" if is_latency else "part of requests that failed"
    limit = float(alarms[0]["Threshold"])
    return [
        _reading(record, until - window * number, found, limit, measure, 1e6 if is_latency else 1)
        for number in range(count, 0, -1)
    ]


def _reading(
    record: Record,
    since: datetime,
    found: Mapping[str, Mapping[datetime, float]],
    limit: float,
    measure: str,
    unit: float,
) -> Reading:
    value: Any = found.get("value", {}).get(since)
    requests = sum(held.get(since, 0) for id, held in found.items() if id.startswith("requests"))
    state: ReadingState = "insufficient" if value is None else "firing" if value > limit else "ok"
    return Reading(
        monitor=record.name,
        time=since.isoformat(timespec="seconds"),
        state=state,
        value=None if value is None else value / unit,
        threshold=limit / unit,
        measure=measure,
        samples=round(requests),
        firing=state == "firing",
    )
