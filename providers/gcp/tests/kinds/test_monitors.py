"""What monitors of requests are to Cloud Monitoring, and what is refused."""

from __future__ import annotations

from mlstack_gcp.kinds.monitor import query

from mlstack.spec.monitor import Monitor
from providers.gcp.tests.kinds.lower import Lower, Refused

ENDPOINT = """
models: {net: {path: files/net, flavor: sklearn}}
environments: {sk: {packages: [scikit-learn==1.7.2]}}
endpoints: {ask: {deployments: {main: {model: net, environment: sk, traffic: 100}}}}
notifications: {oncall: {email: ml@example.com}}
"""
_OF = '{monitored_resource="aiplatform.googleapis.com/Endpoint",endpoint_id="42"'
_BUCKETS = (
    f'aiplatform_googleapis_com:prediction_online_prediction_latencies_bucket{_OF},latency_type="total"}}'
)
_RESPONSES = "aiplatform_googleapis_com:prediction_online_response_count" + _OF


def test_a_monitor_is_an_alert_that_tells_its_notifications(lower: Lower) -> None:
    monitor = "slow: {endpoint: ask, signal: latency, threshold: 500ms, every: 5m, notify: [oncall]}"
    sent = lower(f"{ENDPOINT}monitors: {{{monitor}}}")
    alert = sent.inputs("AlertPolicy", "slow")
    [condition] = alert["conditions"]
    number = sent.inputs("AiEndpoint", "ask")["name"]
    asked = condition["conditionPrometheusQueryLanguage"]
    assert f'endpoint_id="{number}"' in asked["query"]
    assert (asked["evaluationInterval"], asked["disableMetricValidation"]) == ("300s", True)
    assert alert["combiner"] == "OR"
    assert alert["notificationChannels"] == [sent.output("Notification", "oncall")["id"]]


def test_latency_is_a_quantile_in_milliseconds() -> None:
    monitor = Monitor(endpoint="ask", signal="latency", threshold="1s", quantile=0.9, window="10m")
    value = f"histogram_quantile(0.9, sum by (le) (increase({_BUCKETS}[600s])))"
    assert query(monitor, "42") == f"{value} > 1000"


def test_errors_are_a_part_of_enough_requests() -> None:
    monitor = Monitor(endpoint="ask", signal="errors", threshold="5%", min_samples=20)
    requests = f"sum(increase({_RESPONSES}}}[300s]))"
    failed = f'sum(increase({_RESPONSES},response_code=~"5.."}}[300s]))'
    assert query(monitor, "42") == f"({failed} / {requests} > 0.05) and ({requests} >= 20)"


def test_what_is_not_built_is_refused(refusals: Refused) -> None:
    told = refusals(
        ENDPOINT + "monitors:\n"
        "  spent: {endpoint: ask, signal: cost, threshold: 5 EUR}\n"
        "  often: {endpoint: ask, signal: errors, threshold: 5%, every: 90s}\n"
        "  seconds: {endpoint: ask, signal: errors, threshold: 5%, every: 10s, window: 1m}\n"
        "  drift: {endpoint: ask, signal: data-drift, threshold: 0.2, baseline: data.rows}\n"
        "data: {rows: {path: data/rows.csv, type: file}}"
    )
    assert sorted(told) == [
        "monitors.drift.baseline",
        "monitors.drift.signal",
        "monitors.often.every",
        "monitors.seconds.every",
        "monitors.spent.signal",
    ]
