"""Readings of a monitor: what its expression, or its monitoring job, has come to window by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp.kinds.monitor import query, requests
from mlstack_gcp.runtime import GcpRuntime
from mlstack_gcp.settings import Settings

from mlstack import door
from mlstack.errors import UsageError
from mlstack.runtime import Record, Site
from mlstack.spec.monitor import Monitor
from providers.gcp.tests.runtime.conftest import PARENT, PROJECT, child, record
from providers.gcp.tests.runtime.says import Service, serving

POLICY = f"projects/{PROJECT}/alertPolicies/7"
SLOW = record("monitors", "slow", child("gcp:monitoring/alertPolicy:AlertPolicy", POLICY))
RANGE = f"/v1/projects/{PROJECT}/location/global/prometheus/api/v1/query_range"
JOB = f"{PARENT}/modelDeploymentMonitoringJobs/8"
DRIFT = record(
    "monitors",
    "drift",
    child(
        "mlstack:gcp:MonitoringJob",
        JOB,
        {"location": "europe-west4", "threshold": 0.3, "deployed_models": ["11"]},
    ),
)
SEARCH = f"/v1/{JOB}:searchModelDeploymentMonitoringStatsAnomalies"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with serving() as made:
        monkeypatch.setenv(door.VARIABLE, made.url)
        yield made


@pytest.fixture
def runtime(service: Service, tmp_path: Path) -> GcpRuntime:
    return GcpRuntime(Site("uid", tmp_path, Settings(project=PROJECT)))


def _alert(service: Service, text: str) -> None:
    held = {"query": text, "evaluationInterval": "300s"}
    service.on("GET", f"/v3/{POLICY}", lambda _: {"conditions": [{"conditionPrometheusQueryLanguage": held}]})


def _windows(service: Service, values: list[str], counts: list[str]) -> list[Mapping[str, Any]]:
    """Three windows of five minutes, and what was asked of them."""
    seen = []

    def says(asked: Mapping[str, Any]) -> Any:
        seen.append(asked)
        start, end = int(asked["start"]), int(asked["end"])
        assert (asked["step"], end - start, end % 300) == ("300s", 600, 0)
        found = counts if asked["query"] == requests("42", "600s") else values
        pairs = [[start + 300 * number, value] for number, value in enumerate(found) if value]
        return {
            "status": "success",
            "data": {"resultType": "matrix", "result": [{"metric": {}, "values": pairs}]},
        }

    service.on("GET", RANGE, says)
    return seen


def _monitor(**more: Any) -> Monitor:
    return Monitor.model_validate({"endpoint": "digits", "window": "10m", **more})


def test_latency_by_window(service: Service, runtime: GcpRuntime) -> None:
    text = query(_monitor(signal="latency", threshold="200ms", quantile=0.9, min_samples=5), "42")
    _alert(service, text)
    seen = _windows(service, ["90", "NaN", "600"], ["40", "0", "5"])
    first, none, last = runtime.readings(SLOW, 3)
    assert seen[0]["query"] == text.partition(" > ")[0].removeprefix("(")
    assert (first.state, first.value, first.threshold, first.samples) == ("ok", 0.09, 0.2, 40)
    assert first.measure == "quantile 0.9 of latency in seconds"
    assert (none.state, none.value, none.samples) == ("insufficient", None, 0)
    assert (last.state, last.value, last.firing) == ("firing", 0.6, True)


def test_too_few_requests_are_no_reading(service: Service, runtime: GcpRuntime) -> None:
    _alert(service, query(_monitor(signal="errors", threshold="5%", min_samples=10), "42"))
    _windows(service, ["0.5", "0.5", "0.01"], ["9", "10", "10"])
    states = [each.state for each in runtime.readings(SLOW, 3)]
    assert states == ["insufficient", "firing", "ok"]


def test_errors_without_a_least_number(service: Service, runtime: GcpRuntime) -> None:
    _alert(service, query(_monitor(signal="errors", threshold="5%"), "42"))
    _windows(service, ["", "", "0.04"], ["", "", "100"])
    first, _, last = runtime.readings(SLOW, 3)
    assert (first.state, last.state, last.value, last.threshold) == ("insufficient", "ok", 0.04, 0.05)
    assert last.measure == "part of requests that failed"


def test_an_alert_that_is_gone_or_another(service: Service, runtime: GcpRuntime) -> None:
    with pytest.raises(UsageError, match=f"is not there: {POLICY}"):
        runtime.measure(SLOW)
    _alert(service, "up == 0")
    with pytest.raises(UsageError, match="another than mlstack has made"):
        runtime.measure(SLOW)


def _stats(asked: Mapping[str, Any]) -> Any:
    assert asked["deployedModelId"] == "11"
    # numbers of enums, as the client library writes them
    assert [each["type"] for each in asked["objectives"]] == [1]

    def seen(hour: int, value: float) -> dict[str, Any]:
        return {"endTime": f"2026-01-01T0{hour}:00:00Z", "distributionDeviation": value}

    stats = [
        {"featureDisplayName": "age", "predictionStats": [seen(1, 0.1), seen(2, 0.4)]},
        {"featureDisplayName": "height", "predictionStats": [seen(1, 0.2), seen(2, 0.2)]},
    ]
    told = {"objective": "RAW_FEATURE_SKEW", "deployedModelId": "11", "featureStats": stats}
    return {"monitoringStats": [told]}


def test_distances_by_window(service: Service, runtime: GcpRuntime) -> None:
    service.on("POST", SEARCH, _stats)
    first, last = runtime.readings(DRIFT, 5)
    assert (first.time, first.state, first.value) == ("2026-01-01T01:00:00+00:00", "ok", 0.2)
    assert (last.state, last.value, last.samples, last.threshold) == ("firing", 0.4, 2, 0.3)
    assert last.document == {"features": {"age": 0.4, "height": 0.2}}
    assert runtime.measure(DRIFT) == last


@pytest.mark.parametrize(
    ("state", "told", "why"),
    [
        ("JOB_STATE_PENDING", "insufficient", "first 1000 requests"),
        ("JOB_STATE_RUNNING", "insufficient", "the first window ends at 2026-01-01"),
        ("JOB_STATE_FAILED", "failed", "no rows"),
    ],
)
def test_a_monitoring_job_without_readings_says_why(
    service: Service, runtime: GcpRuntime, state: str, told: str, why: str
) -> None:
    service.on("POST", SEARCH, lambda _: {})
    document = {"name": JOB, "state": state, "nextScheduleTime": "2026-01-01T03:00:00Z"}
    service.on("GET", f"/v1/{JOB}", lambda _: {**document, "error": {"message": "no rows"}})
    [reading] = runtime.readings(DRIFT, 5)
    assert (reading.state, reading.value) == (told, None)
    assert why in str(reading.error)


def test_a_monitoring_job_that_is_gone(runtime: GcpRuntime) -> None:
    with pytest.raises(UsageError, match=f"is not there: {JOB}"):
        runtime.measure(DRIFT)


def test_nothing_to_read_before_it_is_made(runtime: GcpRuntime) -> None:
    with pytest.raises(UsageError, match="is not in the stack's state yet"):
        runtime.measure(Record("monitors", "drift", {}))
