"""What monitors of requests are to Cloud Monitoring, and what is refused."""

from __future__ import annotations

import yaml
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


DRIFT = """
models: {net: {path: files/net, flavor: sklearn}}
environments: {sk: {packages: [scikit-learn==1.7.2]}}
notifications: {oncall: {email: ml@example.com}, page: {webhook: "https://example.com/hook"}}
endpoints:
  ask:
    deployments:
      blue: {model: net, environment: sk, traffic: 90, capture: {sample: 0.5}}
      green: {model: net, environment: sk, traffic: 10, capture: {sample: 0.5}}
"""
ROWS = "data: {rows: {path: data/rows.csv, type: file, columns: {label: label"


def test_drift_is_a_monitoring_job_of_all_deployments(lower: Lower) -> None:
    sent = lower(
        f"{DRIFT}{ROWS}, features: [x, y], categorical: [y]}}}}}}\n"
        "monitors:\n"
        "  drift: {endpoint: ask, signal: data-drift, threshold: 0.2, baseline: data.rows, every: 6h, "
        "metric: jensen-shannon, notify: [oncall, page]}"
    )
    job = sent.inputs("MonitoringJob", "drift")
    assert job["endpoint"] == sent.output("Endpoint", "ask")["id"]
    assert job["deployed_models"] == ["id-of-ask-blue", "id-of-ask-green"]
    assert job["baseline"] == [f"{sent.output('Data', 'rows')['uri']}*"], (
        "the cloud of this test has folders alone"
    )
    assert (job["form"], job["label"], job["threshold"], job["sample"]) == ("csv", "label", 0.2, 0.5)
    assert (job["interval"], job.get("window"), job.get("features")) == (21600, None, None)
    assert job["emails"] == ["ml@example.com"]
    assert job["channels"] == [sent.output("Notification", "page")["id"]]
    schema = sent.inputs("Upload", "drift-columns-upload")["texts"]["columns.yaml"]
    assert yaml.safe_load(schema) == {
        "type": "object",
        "properties": {"x": {"type": "number"}, "y": {"type": "string"}},
        "required": ["x", "y"],
    }
    assert not [each for each in sent.warnings if each.startswith("monitors.")]


def test_what_vertex_measures_otherwise_is_said(lower: Lower) -> None:
    sent = lower(
        f"{DRIFT}{ROWS}}}}}}}\n"
        "monitors: {drift: {endpoint: ask, signal: data-drift, threshold: 0.2, baseline: data.rows, "
        "features: [x], window: 1d}}"
    )
    job = sent.inputs("MonitoringJob", "drift")
    assert (job["features"], job["window"], job["interval"]) == (["x"], 86400, 3600)
    assert "columns" not in job
    assert "Jensen-Shannon" in sent.warnings["monitors.drift.metric"]
    assert "first 1000 requests" in sent.warnings["monitors.drift.baseline"]


def test_what_drift_cannot_be_is_refused(refusals: Refused) -> None:
    told = refusals(
        ENDPOINT + "monitors:\n"
        "  uncaptured: {endpoint: ask, signal: data-drift, threshold: 0, baseline: data.plain, every: 90m}\n"
        "  made: {endpoint: ask, signal: data-drift, threshold: 0.1, baseline: jobs.make.out}\n"
        "  ks: {endpoint: ask, signal: data-drift, threshold: 0.1, baseline: data.rows, metric: ks}\n"
        "  answers: {endpoint: ask, signal: prediction-drift, threshold: 0.1, baseline: data.rows}\n"
        "jobs: {make: {command: make, environment: sk, outputs: {out: {type: file}}}}\n"
        'data: {rows: {path: data/rows.csv, columns: {label: label}}, plain: {path: "gs://b/rows.parquet"}}'
    )
    assert sorted(told) == [
        "monitors.answers.signal",
        "monitors.ks.endpoint",
        "monitors.ks.metric",
        "monitors.made.baseline",
        "monitors.made.endpoint",
        "monitors.uncaptured.baseline",
        "monitors.uncaptured.endpoint",
        "monitors.uncaptured.every",
        "monitors.uncaptured.threshold",
    ]
    assert "has one monitoring job" in told["monitors.made.endpoint"]


def test_what_is_not_built_is_refused(refusals: Refused) -> None:
    told = refusals(
        ENDPOINT + "monitors:\n"
        "  spent: {endpoint: ask, signal: cost, threshold: 5 EUR}\n"
        "  often: {endpoint: ask, signal: errors, threshold: 5%, every: 90s}\n"
        "  seconds: {endpoint: ask, signal: errors, threshold: 5%, every: 10s, window: 1m}\n"
    )
    assert sorted(told) == ["monitors.often.every", "monitors.seconds.every", "monitors.spent.signal"]
