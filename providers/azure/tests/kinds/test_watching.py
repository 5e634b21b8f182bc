"""Monitors, notifications, the budget: what they send."""

from __future__ import annotations

import pytest

from providers.azure.tests.kinds.front import Make

ENDPOINT = """
endpoints:
  digits: {deployments: {blue: {model: flow, capture: {}}, green: {model: flow, traffic: 0}}}
notifications:
  oncall: {email: ml@example.com}
"""
ENDPOINT = ENDPOINT.replace("capture: {}}", "capture: {}, traffic: 100}")


def monitor(text: str) -> str:
    return ENDPOINT + "monitors: {watch: {endpoint: digits, @}}".replace("@", text)


DRIFT = "signal: data-drift, baseline: data.rows, threshold: 0.2, every: 6h, notify: [oncall]"


def test_a_monitor_of_data_in_full(make: Make) -> None:
    held = make(monitor(DRIFT)).properties("Schedule", "watch")
    assert held["trigger"] == {
        "triggerType": "Recurrence",
        "frequency": "Hour",
        "interval": 6,
        "timeZone": "UTC",
    }
    definition = held["action"]["monitorDefinition"]
    assert definition["alertNotificationSettings"] == {
        "emailNotificationSettings": {"emails": ["ml@example.com"]}
    }
    assert definition["computeConfiguration"]["computeType"] == "ServerlessSpark"
    assert definition["monitoringTarget"]["taskType"] == "Classification"
    assert list(definition["signals"]) == ["watch-blue"]
    signal = definition["signals"]["watch-blue"]
    threshold = {"value": 0.2}
    assert signal["metricThresholds"] == [
        {"dataType": "Numerical", "metric": "PopulationStabilityIndex", "threshold": threshold},
        {"dataType": "Categorical", "metric": "PopulationStabilityIndex", "threshold": threshold},
    ]
    assert signal["featureDataTypeOverride"] == {"x": "Categorical"}
    assert signal["features"] == {"filterType": "AllFeatures"}
    assert signal["notificationTypes"] == ["AmlNotification"]
    produced = signal["productionData"]
    assert (produced["dataContext"], produced["windowSize"], produced["windowOffset"]) == (
        "model_inputs",
        "PT6H",
        "P0D",
    )
    assert signal["referenceData"]["columns"] == {"target_column": "label"}
    assert signal["referenceData"]["jobInputType"] == "uri_file"


@pytest.mark.parametrize(
    ("metric", "names"),
    [
        ("ks", [("Numerical", "TwoSampleKolmogorovSmirnovTest")]),
        ("chi-square", [("Categorical", "PearsonsChiSquaredTest")]),
        (
            "jensen-shannon",
            [("Numerical", "JensenShannonDistance"), ("Categorical", "JensenShannonDistance")],
        ),
        ("wasserstein", [("Numerical", "NormalizedWassersteinDistance")]),
    ],
)
@pytest.mark.parametrize("signal", ["data-drift", "prediction-drift"])
def test_metrics_of_drift(make: Make, signal: str, metric: str, names: list[tuple[str, str]]) -> None:
    text = f"signal: {signal}, metric: {metric}, baseline: data.rows, threshold: 0.4"
    made = make(monitor(text)).properties("Schedule", "watch")["action"]["monitorDefinition"]
    signals = made["signals"]["watch-blue"]
    assert [(each["dataType"], each["metric"]) for each in signals["metricThresholds"]] == names
    assert {each["threshold"]["value"] for each in signals["metricThresholds"]} == {0.4}
    wanted = "model_inputs" if signal == "data-drift" else "model_outputs"
    assert signals["productionData"]["dataContext"] == wanted


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("null-rate", "NullValueRate"),
        ("type-error-rate", "DataTypeErrorRate"),
        ("out-of-bounds-rate", "OutOfBoundsRate"),
    ],
)
def test_metrics_of_quality(make: Make, metric: str, name: str) -> None:
    text = f"signal: data-quality, metric: {metric}, features: [x], baseline: data.rows, threshold: 0.1"
    made = make(monitor(text)).properties("Schedule", "watch")["action"]["monitorDefinition"]
    signal = made["signals"]["watch-blue"]
    assert signal["signalType"] == "DataQuality"
    assert {each["metric"] for each in signal["metricThresholds"]} == {name}
    assert signal["features"] == {"filterType": "FeatureSubset", "features": ["x"]}


def test_attribution_looks_at_inputs_and_outputs(make: Make) -> None:
    text = "signal: feature-attribution, baseline: data.rows, threshold: 0.9, window: 3d"
    made = make(monitor(text)).properties("Schedule", "watch")["action"]["monitorDefinition"]
    signal = made["signals"]["watch-blue"]
    assert [each["dataContext"] for each in signal["productionData"]] == ["model_inputs", "model_outputs"]
    assert {each["windowSize"] for each in signal["productionData"]} == {"P3D"}
    assert signal["metricThreshold"] == {
        "metric": "NormalizedDiscountedCumulativeGain",
        "threshold": {"value": 0.9},
    }
    assert signal["featureImportanceSettings"] == {"mode": "Enabled", "targetColumn": "label"}


@pytest.mark.parametrize(("quantile", "metric"), [(0.5, "P50"), (0.9, "P90"), (0.95, "P95"), (0.99, "P99")])
def test_latency_at_a_quantile_that_is_measured(make: Make, quantile: float, metric: str) -> None:
    text = f"signal: latency, threshold: 200ms, quantile: {quantile}, window: 15m, notify: [oncall]"
    held = make(monitor(text)).inputs("MetricAlert", "watch")
    [criterion] = held["criteria"]["allOf"]
    assert (criterion["metricName"], criterion["threshold"], criterion["operator"]) == (
        f"RequestLatency_{metric}",
        200,
        "GreaterThan",
    )
    assert (held["evaluationFrequency"], held["windowSize"]) == ("PT5M", "PT15M")


@pytest.mark.parametrize(
    ("text", "value", "threshold", "least"),
    [
        ("signal: errors, threshold: 5%, min_samples: 30", "countif(toint(ResponseCode) >= 500)", 0.05, 30),
        ("signal: latency, threshold: 1s, quantile: 0.75", "percentile(TotalDurationMs, 75)", 1000, 1),
        ("signal: latency, threshold: 1s, min_samples: 9", "percentile(TotalDurationMs, 95)", 1000, 9),
    ],
)
def test_what_is_read_from_the_log(make: Make, text: str, value: str, threshold: float, least: int) -> None:
    sent = make(monitor(text))
    [condition] = sent.inputs("ScheduledQueryRule", "watch")["criteria"]["allOf"]
    endpoint = sent.inputs("OnlineEndpoint", "digits")["endpointName"]
    assert value in condition["query"]
    assert f"EndpointName =~ '{endpoint}'" in condition["query"]
    assert f"Requests >= {least}" in condition["query"]
    assert (condition["threshold"], condition["metricMeasureColumn"]) == (threshold, "Value")
    [logs] = sent.inputs("DiagnosticSetting", "watch-logs")["logs"]
    assert logs == {"category": "AmlOnlineEndpointTrafficLog", "enabled": True}


def test_two_monitors_share_the_log_of_an_endpoint(make: Make) -> None:
    both = ENDPOINT + (
        "monitors: {a: {endpoint: digits, signal: errors, threshold: 5%},"
        " b: {endpoint: digits, signal: errors, threshold: 9%}}"
    )
    assert len(make(both).names("DiagnosticSetting")) == 1


def test_a_notification_by_mail(make: Make) -> None:
    held = make(ENDPOINT).inputs("ActionGroup", "oncall")
    assert held["emailReceivers"] == [
        {"name": "oncall", "emailAddress": "ml@example.com", "useCommonAlertSchema": True}
    ]
    assert (held["groupShortName"], held["location"], held["enabled"]) == ("oncall", "Global", True)


def test_an_address_that_is_a_secret_stays_one(make: Make) -> None:
    sent = make("notifications: {page-the-people: {pagerduty: {secret: page}}}")
    group = sent.resource("ActionGroup", "page-the-people")
    [receiver] = group.inputs["webhookReceivers"]
    assert receiver["serviceUri"] == "https://events.pagerduty.com/integration/c4n4ry/enqueue"
    assert "webhookReceivers" in group.secrets
    assert len(group.inputs["groupShortName"]) <= 12


def test_the_budget(make: Make) -> None:
    sent = make("budget: {amount: 500, currency: EUR}")
    held = sent.inputs("Budget", "default")
    assert (held["amount"], held["timeGrain"], held["category"]) == (500, "Monthly", "Cost")
    assert held["timePeriod"]["startDate"].endswith("-01T00:00:00Z")
    assert held["filter"]["tags"] == {"name": "mlstack-stack", "operator": "In", "values": ["c0ffee00"]}
    assert {(each["threshold"], each["thresholdType"]) for each in held["notifications"].values()} == {
        (80, "Actual"),
        (100, "Actual"),
        (100, "Forecasted"),
    }
    assert sent.resource("Budget", "default").options["ignoreChanges"] == ["timePeriod"]
    assert "EUR" in sent.warnings["budget.default.currency"]
