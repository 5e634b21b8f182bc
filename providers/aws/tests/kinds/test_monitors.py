"""Monitors: an alarm of CloudWatch over the variants that answer; of data, what Model Monitor takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlstack.errors import SpecError
from providers.aws.tests.kinds.lower import Lower, Refused, lower, refusals, root

__all__ = ["lower", "refusals", "root"]

GROUND = """
environments: {sk: {packages: [scikit-learn==1.5.2]}}
models: {net: {path: files/net, flavor: lightgbm}}
notifications: {oncall: {email: ml@example.com}}
endpoints:
  digits:
    deployments:
      blue: {model: net, environment: sk, instance: ml.m5.large, traffic: 90}
      green: {model: net, environment: sk, instance: ml.m5.large, traffic: 10}
"""


def _queries(alarm: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """By id: metric, statistic, period and variant, or the expression."""
    found: dict[str, tuple[Any, ...]] = {}
    for each in alarm["metricQueries"]:
        metric = each.get("metric")
        found[each["id"]] = (
            (each["expression"],)
            if metric is None
            else (metric["metricName"], metric["stat"], metric["period"])
        )
    return found


def test_latency_is_the_slowest_variants_in_microseconds(lower: Lower) -> None:
    sent = lower(
        f"{GROUND}\nmonitors: {{slow: {{endpoint: digits, signal: latency, threshold: 200ms, quantile: 0.99, "
        "window: 10m, every: 5m, min_samples: 7, notify: [oncall]}}"
    )
    alarm = sent.inputs("MetricAlarm", "slow")
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (200_000, "GreaterThanThreshold")
    assert alarm["alarmActions"] == ["arn:aws:sns:eu-west-1:123456789012:Topic/oncall"]
    assert (alarm["region"], alarm["treatMissingData"]) == ("eu-west-1", "notBreaching")
    assert _queries(alarm) == {
        "latency0": ("ModelLatency", "p99", 600),
        "latency1": ("ModelLatency", "p99", 600),
        "requests0": ("Invocations", "Sum", 600),
        "requests1": ("Invocations", "Sum", 600),
        "value": ("IF(SUM([requests0, requests1]) >= 7, MAX([latency0, latency1]), 0)",),
    }
    endpoint = sent.inputs("Endpoint", "digits")["name"]
    named = [each["metric"]["dimensions"] for each in alarm["metricQueries"] if "metric" in each]
    assert {each["EndpointName"] for each in named} == {endpoint}
    assert len({each["VariantName"] for each in named}) == 2
    assert "monitors.slow.every" in sent.warnings


def test_errors_are_a_part_of_the_requests(lower: Lower) -> None:
    sent = lower(f"{GROUND}\nmonitors: {{failing: {{endpoint: digits, signal: errors, threshold: 5%}}}}")
    alarm = sent.inputs("MetricAlarm", "failing")
    assert alarm["threshold"] == 0.05
    assert _queries(alarm)["value"] == (
        "IF(SUM([requests0, requests1]) >= 1, SUM([errors0, errors1]) / SUM([requests0, requests1]), 0)",
    )
    assert _queries(alarm)["errors0"] == ("Invocation5XXErrors", "Sum", 300)


def test_copies_of_requests_are_not_watched(lower: Lower) -> None:
    mirrored = GROUND.replace("traffic: 90", "traffic: 100").replace("traffic: 10}", "mirror: 10}")
    sent = lower(f"{mirrored}\nmonitors: {{slow: {{endpoint: digits, signal: latency, threshold: 1s}}}}")
    assert _queries(sent.inputs("MetricAlarm", "slow")) == {
        "latency0": ("ModelLatency", "p95", 300),
        "value": ("MAX([latency0])",),
    }


DATA = GROUND.replace("traffic: 90", "traffic: 90, capture: {}").replace(
    "traffic: 10", "traffic: 10, capture: {}"
)
DRIFT = f"""{DATA}
data: {{rows: {{path: data/wide.csv, type: file, columns: {{label: label}}}}}}
monitors:
  drift: {{endpoint: digits, signal: data-drift, metric: ks, threshold: 0.3, baseline: data.rows, every: 6h,
          notify: [oncall]}}
"""


@pytest.fixture
def wide(root: Path) -> None:
    (root / "data/wide.csv").write_text("b,label,a\n1,0,2\n3,1,4\n")


@pytest.mark.usefixtures("wide")
def test_drift_is_a_baseline_a_definition_a_schedule_and_an_alarm(lower: Lower) -> None:
    sent = lower(DRIFT)
    job = sent.inputs("Job", "drift-baseline")
    assert (job["sort"], job.get("wait", True)) == ("processing", True)
    request = job["request"]
    image = request["AppSpecification"]["ImageUri"]
    assert image == "468650794304.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-model-monitor-analyzer"
    [read], [written] = request["ProcessingInputs"], request["ProcessingOutputConfig"]["Outputs"]
    assert request["Environment"] == {
        "dataset_format": '{"csv": {"header": true}}',
        "dataset_source": read["S3Input"]["LocalPath"],
        "output_path": written["S3Output"]["LocalPath"],
        "publish_cloudwatch_metrics": "Disabled",
    }
    definition = sent.inputs("DataQualityJobDefinition", "drift-definition")
    asked = definition["dataQualityAppSpecification"]
    assert (asked["imageUri"], asked["environment"]) == (image, {"publish_cloudwatch_metrics": "Enabled"})
    assert asked["recordPreprocessorSourceUri"].endswith("/record_preprocessor.py")
    endpoint = sent.inputs("Endpoint", "digits")["name"]
    assert definition["dataQualityJobInput"]["endpointInput"]["endpointName"] == endpoint
    schedule = sent.inputs("MonitoringSchedule", "drift")
    config = schedule["monitoringScheduleConfig"]
    assert config["monitoringType"] == "DataQuality"
    assert config["monitoringJobDefinitionName"] == definition["name"]
    assert config["scheduleConfig"]["scheduleExpression"] == "cron(0 0/6 ? * * *)"
    alarm = sent.inputs("MetricAlarm", "drift")
    assert alarm["threshold"] == 0.3
    assert alarm["alarmActions"] == ["arn:aws:sns:eu-west-1:123456789012:Topic/oncall"]
    assert _queries(alarm) == {
        "column0": ("feature_baseline_drift_b", "Sum", 21_600),
        "column1": ("feature_baseline_drift_a", "Sum", 21_600),
        "value": ("MAX([column0, column1])",),
    }
    metric = alarm["metricQueries"][0]["metric"]
    assert metric["namespace"] == "aws/sagemaker/Endpoints/data-metrics"
    assert metric["dimensions"] == {"Endpoint": endpoint, "MonitoringSchedule": schedule["name"]}


@pytest.mark.usefixtures("wide")
def test_the_baseline_has_its_columns_in_the_order_of_their_names(lower: Lower, root: Path) -> None:
    lower(DRIFT)
    table = root / ".mlstack/aws/monitors/drift/baseline/baseline.csv"
    assert table.read_text() == "a,b,label\n2,1,0\n4,3,1\n"


@pytest.mark.usefixtures("wide")
def test_predictions_are_watched_under_the_labels_name(lower: Lower) -> None:
    sent = lower(DRIFT.replace("data-drift", "prediction-drift"))
    queries = _queries(sent.inputs("MetricAlarm", "drift"))
    assert queries["column0"][0] == "feature_baseline_drift_label"
    assert len(queries) == 2


@pytest.mark.usefixtures("wide")
def test_quality_is_the_part_that_is_missing(lower: Lower) -> None:
    sent = lower(DRIFT.replace("data-drift, metric: ks", "data-quality, features: [a]"))
    assert _queries(sent.inputs("MetricAlarm", "drift")) == {
        "column0": ("feature_non_null_a", "Average", 21_600),
        "value": ("1 - MIN([column0])",),
    }


def test_more_columns_than_an_alarm_can_look_at_are_several_alarms(lower: Lower, root: Path) -> None:
    names = [f"c{number:02}" for number in range(23)]
    rows = "\n".join([",".join([*names, "label"]), ",".join(["1"] * 24), ""])
    (root / "data/wide.csv").write_text(rows)
    sent = lower(DRIFT)
    watched = [
        each["metric"]["metricName"].removeprefix("feature_baseline_drift_")
        for alarm in sent.names("MetricAlarm")
        for each in sent.inputs("MetricAlarm", alarm)["metricQueries"]
        if "metric" in each
    ]
    assert sorted(watched) == names
    assert sent.names("MetricAlarm") == ["drift", "drift-alarm2", "drift-alarm3"]


@pytest.mark.usefixtures("wide")
def test_another_baseline_is_another_definition(lower: Lower, root: Path) -> None:
    before = lower(DRIFT).inputs("DataQualityJobDefinition", "drift-definition")["name"]
    assert lower(DRIFT).inputs("DataQualityJobDefinition", "drift-definition")["name"] == before
    (root / "data/wide.csv").write_text("b,label,a\n1,0,9\n")
    assert lower(DRIFT).inputs("DataQualityJobDefinition", "drift-definition")["name"] != before


@pytest.mark.usefixtures("wide")
def test_a_monitored_endpoint_has_one_dashboard(lower: Lower) -> None:
    sent = lower(f"{DRIFT}  slow: {{endpoint: digits, signal: latency, threshold: 1s}}\n")
    assert sent.names("Dashboard") == ["digits-dashboard"]
    body = json.loads(sent.inputs("Dashboard", "digits-dashboard")["dashboardBody"])
    endpoint = sent.inputs("Endpoint", "digits")["name"]
    shown = {each["properties"]["title"]: each["properties"]["metrics"] for each in body["widgets"]}
    assert [row[:4] for row in shown["Requests"]] == [
        ["AWS/SageMaker", "Invocations", "EndpointName", endpoint]
    ] * 2
    [[drift]] = shown["Drift"]
    assert f'Endpoint="{endpoint}"' in drift["expression"]
    assert lower(GROUND).names("Dashboard") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("x,label\n", "no table"), ("x,x\n1,2\n", "no table"), ("x,y\n1,2\n", "no column 'label'"),
     ("x,label\n1\n", "several lengths")],
)  # fmt: skip
def test_a_baseline_that_is_no_table(lower: Lower, root: Path, text: str, words: str) -> None:
    (root / "data/wide.csv").write_text(text)
    with pytest.raises(SpecError, match=words):
        lower(DRIFT)


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (("metric: ks, ", ""), "metric", "psi, the usual one"),
        (("metric: ks", "metric: psi"), "metric", "metric=psi is not supported"),
        (("every: 6h", "every: 90m"), "every", "24 at most"),
        (("every: 6h", "every: 6h, window: 12h"), "window", "since the one before"),
        (("every: 6h", "min_samples: 5"), "min_samples", "reads what is there"),
        (("path: data/wide.csv", 'path: "s3://bucket/rows.csv"'), "baseline", "known beforehand"),
        ((", capture: {}", ""), "endpoint", "captures any"),
        (("data-drift", "prediction-drift, features: [a]"), "features", "the predictions alone"),
        (("data-drift, metric: ks", "feature-attribution"), "signal", "not supported on aws"),
        (
            ("data-drift, metric: ks", "data-quality, metric: type-error-rate"),
            "metric",
            "sends no type-error-rate",
        ),
    ],
)
def test_of_data_is_refused(refusals: Refused, change: tuple[str, str], field: str, words: str) -> None:
    assert words in refusals(DRIFT.replace(*change))[f"monitors.drift.{field}"]


@pytest.mark.usefixtures("wide")
def test_predictions_need_a_label(refusals: Refused) -> None:
    spec = DRIFT.replace("data-drift", "prediction-drift").replace(", columns: {label: label}", "")
    assert "the baseline names none" in refusals(spec)["monitors.drift.baseline"]


def test_what_is_refused(refusals: Refused) -> None:
    found = refusals(
        f"""{GROUND}
monitors:
  odd: {{endpoint: digits, signal: latency, threshold: 1s, every: 90s}}
  dear: {{endpoint: digits, signal: cost, threshold: 5 USD}}
"""
    )
    assert {"monitors.odd.every", "monitors.dear.signal"} <= set(found)
