"""Monitors: an alarm of CloudWatch over the variants that answer."""

from __future__ import annotations

from typing import Any

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


def test_what_is_refused(refusals: Refused) -> None:
    found = refusals(
        f"""{GROUND}
data: {{rows: {{path: data/rows.csv, type: file}}}}
monitors:
  odd: {{endpoint: digits, signal: latency, threshold: 1s, every: 90s}}
  dear: {{endpoint: digits, signal: cost, threshold: 5 USD}}
  drift: {{endpoint: digits, signal: data-drift, threshold: 0.2, baseline: data.rows}}
"""
    )
    assert {"monitors.odd.every", "monitors.dear.signal", "monitors.drift.signal"} <= set(found)
