"""Readings of monitors: the queries of its alarms, asked of CloudWatch for the windows that they looked at.

A monitor of many columns has several alarms, each for a part of them: the worst of all is the reading.

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


#: Metric, or what its name begins with -> what it measures, and how much of it is one.
_MEASURES = (
    ("ModelLatency", "latency in seconds", 1e6),
    ("feature_baseline_drift_", "distance from the baseline", 1),
    ("feature_non_null_", "part of values that are missing", 1),
)


def latest(aws: Account, record: Record, count: int) -> list[Reading]:
    """The last windows, the oldest first. Windows without requests are readings without a value."""
    names = [child.id for child in children.of_type(record, ALARM)] or [children.one(record, ALARM).id]
    client = aws.of("cloudwatch", record)
    with told(f"monitor {record.name}"):
        alarms = client.describe_alarms(AlarmNames=names)["MetricAlarms"]
    if not alarms:
        raise UsageError(
            f"the alarm {names[0]} is not on AWS", code="not-there", remedy="run `mlstack up --refresh`"
        )
    stats = [each["MetricStat"] for each in alarms[0]["Metrics"] if "MetricStat" in each]
    window = timedelta(seconds=stats[0]["Period"])
    now = datetime.now(UTC)
    until = now - (now - datetime.fromtimestamp(0, UTC)) % window
    values: dict[datetime, float] = {}
    requests: dict[datetime, float] = {}
    for alarm in alarms:
        for id, held in _data(client, record, alarm, until - window * count, until).items():
            for time, value in held.items():
                if id == "value":
                    values[time] = max(value, values.get(time, value))
                elif id.startswith("requests"):
                    requests[time] = requests.get(time, 0) + value
    limit = float(alarms[0]["Threshold"])
    measure, unit = _measure(stats[0])
    return [
        _reading(record, since, values.get(since), requests.get(since, 0), limit, measure, unit)
        for since in (until - window * number for number in range(count, 0, -1))
    ]


def _data(
    client: Any, record: Record, alarm: Mapping[str, Any], since: datetime, until: datetime
) -> dict[str, dict[datetime, float]]:
    """By query of an alarm, the values by window."""
    queries = [dict(each, ReturnData=True) for each in alarm["Metrics"]]
    found: dict[str, dict[datetime, float]] = {}
    with told(f"monitor {record.name}"):
        pages = client.get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=until):
            for each in page["MetricDataResults"]:
                found.setdefault(each["Id"], {}).update(zip(each["Timestamps"], each["Values"], strict=True))
    return found


def _measure(stat: Mapping[str, Any]) -> tuple[str, float]:
    name = stat["Metric"]["MetricName"]
    for start, words, unit in _MEASURES:
        if name.startswith(start):
            return (f"{stat['Stat']} {words}" if name == start else words), unit
    return "part of requests that failed", 1


def _reading(
    record: Record,
    since: datetime,
    value: float | None,
    requests: float,
    limit: float,
    measure: str,
    unit: float,
) -> Reading:
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
