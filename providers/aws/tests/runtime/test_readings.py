"""Readings of a monitor: what its alarm's queries give by window."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from mlstack_aws.runtime import AwsRuntime

from mlstack.errors import UsageError
from mlstack.runtime import Record
from providers.aws.tests.runtime.conftest import child
from providers.aws.tests.strict import Asked, Says, Server

ALARM = child("aws:cloudwatch/metricAlarm:MetricAlarm", "slow-1")
RECORD = Record("monitors", "slow", {"id": "arn"}, (ALARM,))


def _metric(id: str, name: str, stat: str) -> dict[str, object]:
    metric = {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": []}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": 300, "Stat": stat}, "ReturnData": False}


QUERIES = [
    _metric("latency0", "ModelLatency", "p95"),
    _metric("requests0", "Invocations", "Sum"),
    {"Id": "value", "Expression": "IF(SUM([requests0]) >= 1, MAX([latency0]), 0)", "ReturnData": True},
]


def test_readings_of_the_last_windows(runtime: AwsRuntime, server: Server) -> None:
    def data(asked: Asked) -> Says:
        assert all(each["ReturnData"] for each in asked.body["MetricDataQueries"])
        start, end = (datetime.fromtimestamp(float(asked.body[key]), UTC).timestamp()
                      for key in ("StartTime", "EndTime"))  # fmt: skip
        assert (start % 300, end - start) == (0, 900)
        return Says(
            {
                "MetricDataResults": [
                    {"Id": "value", "Timestamps": [start, start + 600], "Values": [90_000, 600_000]},
                    {"Id": "requests0", "Timestamps": [start, start + 600], "Values": [4, 5]},
                ]
            }
        )

    server.on(
        "DescribeAlarms", lambda _: Says({"MetricAlarms": [{"Metrics": QUERIES, "Threshold": 500_000}]})
    )
    server.on("GetMetricData", data)
    first, none, last = runtime.readings(RECORD, 3)
    assert (first.state, first.value, first.threshold, first.samples) == ("ok", 0.09, 0.5, 4)
    assert (none.state, none.value, none.samples) == ("insufficient", None, 0)
    assert (last.state, last.value, last.firing) == ("firing", 0.6, True)


def test_an_alarm_that_is_gone(runtime: AwsRuntime, server: Server) -> None:
    server.on("DescribeAlarms", lambda _: Says({"MetricAlarms": []}))
    with pytest.raises(UsageError, match="slow-1 is not on AWS"):
        runtime.measure(RECORD)


def test_a_monitor_of_data_is_as_bad_as_its_worst_column(runtime: AwsRuntime, server: Server) -> None:
    def alarm(*columns: str) -> dict[str, object]:
        queries = [
            {"Id": f"column{at}", "ReturnData": False, "MetricStat": {
                "Metric": {"Namespace": "aws/sagemaker/Endpoints/data-metrics",
                           "MetricName": f"feature_baseline_drift_{column}", "Dimensions": []},
                "Period": 3600, "Stat": "Sum"}}
            for at, column in enumerate(columns)
        ]  # fmt: skip
        value = {"Id": "value", "Expression": "MAX([column0])", "ReturnData": True}
        return {"Metrics": [*queries, value], "Threshold": 0.2}

    def data(asked: Asked) -> Says:
        start = datetime.fromtimestamp(float(asked.body["StartTime"]), UTC).timestamp()
        column = asked.body["MetricDataQueries"][0]["MetricStat"]["Metric"]["MetricName"]
        value = {"feature_baseline_drift_a": 0.1, "feature_baseline_drift_b": 0.5}[column]
        return Says({"MetricDataResults": [{"Id": "value", "Timestamps": [start], "Values": [value]}]})

    alarms = {"MetricAlarms": [alarm("a"), alarm("b")]}
    server.on("DescribeAlarms", lambda asked: Says(alarms if len(asked.body["AlarmNames"]) == 2 else {}))
    server.on("GetMetricData", data)
    kept = (ALARM, child("aws:cloudwatch/metricAlarm:MetricAlarm", "slow-alarm2-1"))
    [reading] = runtime.readings(Record("monitors", "drift", {"id": "arn"}, kept), 1)
    assert (reading.state, reading.value, reading.threshold) == ("firing", 0.5, 0.2)
    assert reading.measure == "distance from the baseline"
