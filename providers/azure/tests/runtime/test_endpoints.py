"""Endpoints: logs, requests, figures, scoring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mlstack_azure.runtime import AzureRuntime, logs

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Record, Scoring
from providers.azure.tests.jobs import Jobs
from providers.azure.tests.runtime.conftest import ONLINE, WORKSPACE, batch, document, endpoint, series
from providers.azure.tests.strict import Asked, Says, Server


def test_logs_of_deployments(runtime: AzureRuntime, server: Server) -> None:
    for name in ("blue", "green"):
        content = {"content": f"{name} is up\nok\n"}
        server.on("POST", f"{ONLINE}/deployments/{name}-1/getLogs", Says(body=content))
    both = list(runtime.logs(endpoint(), child=None, follow=False, tail=None))
    assert both == ["blue: blue is up", "blue: ok", "green: green is up", "green: ok"]
    assert list(runtime.logs(endpoint(), child="blue", follow=False, tail=7)) == ["blue is up", "ok"]
    assert server.asked[-1].body == {"containerType": "InferenceServer", "tail": 7}


def test_following_tells_each_line_once(runtime: AzureRuntime, server: Server) -> None:
    windows = ["a\nb", "a\nb\nc", "c\nd", "x\nd\ne"]
    place = f"{ONLINE}/deployments/blue-1/getLogs"
    server.on("POST", place, *(Says(body={"content": each}) for each in windows))
    lines = runtime.logs(endpoint(), child="blue", follow=True, tail=None)
    assert [next(lines) for _ in range(5)] == list("abcde")


def test_windows_that_overlap() -> None:
    assert logs._fresh(["a", "a"], ["a", "a", "a"]) == ["a"]
    assert logs._fresh(["a", "b"], ["c"]) == ["c"]
    assert logs._fresh(None, ["a"]) == ["a"]


def test_what_has_no_log_says_what_to_do_instead(runtime: AzureRuntime) -> None:
    with pytest.raises(UsageError) as raised:
        runtime.logs(endpoint(), child=None, follow=False, tail=None, access=True)
    assert "AmlOnlineEndpointTrafficLog" in (raised.value.remedy or "")
    with pytest.raises(UsageError, match="writes no log"):
        runtime.logs(Record("data", "rows", {}), child=None, follow=False, tail=None)
    with pytest.raises(UsageError) as raised:
        list(runtime.logs(endpoint(), child="bleu", follow=False, tail=None))
    assert raised.value.remedy == "did you mean 'blue'?"


def test_invoke_by_key(runtime: AzureRuntime, server: Server) -> None:
    server.on("POST", "/score", Says(body={"predictions": [1]}))
    server.token = "a-key"
    record = endpoint(f"{server.url}/score")
    answer = runtime.invoke(record, b'{"instances": [[1]]}', "application/json", deployment=None)
    assert (answer.status, answer.body) == (200, {"predictions": [1]})
    assert server.asked[-1].body == {"instances": [[1]]}
    assert "azureml-model-deployment" not in server.asked[-1].headers
    runtime.invoke(record, b"{}", "application/json", deployment="green")
    assert server.asked[-1].headers["azureml-model-deployment"] == "green-1"


def test_the_open_inference_protocol_has_a_route_of_its_own_on_other_servers(
    runtime: AzureRuntime, server: Server
) -> None:
    server.on("POST", "/v2/models/digits/infer", Says(body={}))
    server.token = "a-key"
    body = json.dumps({"inputs": []}).encode()
    runtime.invoke(endpoint(f"{server.url}/"), body, "application/json", deployment=None)
    assert server.asked[-1].path == "/v2/models/digits/infer"


@pytest.mark.parametrize(
    ("mode", "action", "answer"),
    [("AMLToken", "token", {"accessToken": "its-own"}), ("Key", "listKeys", {"primaryKey": "its-own"})],
)
def test_invoke_by_what_the_endpoint_wants(
    runtime: AzureRuntime, server: Server, mode: str, action: str, answer: Any
) -> None:
    server.on("GET", ONLINE, document(ONLINE, authMode=mode))
    keys: list[str | None] = []

    def given(_asked: Asked) -> Says:
        server.token = "its-own"
        return Says(body=answer)

    def scored(asked: Asked) -> Says:
        keys.append(asked.headers.get("authorization"))
        return Says(body=[])

    server.on("POST", f"{ONLINE}/{action}", given)
    server.on("POST", "/score", scored)
    runtime.invoke(endpoint(f"{server.url}/score", None), b"1", "text/csv", deployment=None)
    assert keys == ["Bearer its-own"]


def test_json_as_text_is_unwrapped_and_a_refusal_is_an_answer(runtime: AzureRuntime, server: Server) -> None:
    server.token = "a-key"
    server.on("POST", "/score", Says(body='{"a": 1}'), Says(424, {"error": "model failed"}))
    record = endpoint(f"{server.url}/score")
    assert runtime.invoke(record, b"1", "text/csv", deployment=None).body == {"a": 1}
    assert runtime.invoke(record, b"1", "text/csv", deployment=None).status == 424


def test_a_rehearsed_endpoint_is_asked_at_the_emulated_cloud(runtime: AzureRuntime, server: Server) -> None:

    def found(_asked: Asked) -> Says:
        server.token = "a-key"  # what is asked next takes the endpoint's own
        return document(ONLINE, scoringUri=f"{server.url}/score/digits-1")

    server.on("GET", ONLINE, found)
    server.on("POST", "/score/digits-1", Says(body={"echo": 1}))
    answer = runtime.invoke(endpoint(), b"1", "text/csv", deployment=None)
    assert answer.body == {"echo": 1}


def test_who_cannot_be_asked(runtime: AzureRuntime) -> None:
    with pytest.raises(UsageError, match="is rehearsed"):
        runtime.invoke(endpoint(), b"", "text/csv", deployment=None)
    with pytest.raises(UsageError, match="no address yet"):
        runtime.invoke(Record("endpoints", "digits", {}), b"", "text/csv", deployment=None)
    with pytest.raises(TargetError) as raised:
        runtime.invoke(endpoint("http://127.0.0.1:1/score"), b"", "text/csv", deployment=None)
    assert raised.value.code == "endpoint-unreachable"


def test_figures_of_each_deployment(runtime: AzureRuntime, server: Server) -> None:
    server.on("GET", ONLINE, document(ONLINE, traffic={"blue-1": 90, "green-1": 10}, mirrorTraffic={}))
    latencies = ("RequestLatency_P50", "RequestLatency_P95", "RequestLatency_P99")
    asked: list[Asked] = []

    def answer(each: Asked) -> Says:
        asked.append(each)
        if each.query["metricnames"] == "RequestsPerMinute":
            found = [
                series("RequestsPerMinute", [60, None, 30], envoy_response_code="200"),
                series("RequestsPerMinute", [5], envoy_response_code="503"),
                series("RequestsPerMinute", [3], envoy_response_code="429"),
            ]
        else:
            found = [series(name, [100.0, 300.0]) for name in latencies[:2]]
        return Says(body={"value": found})

    metrics = "providers/Microsoft.Insights/metrics"
    server.on("GET", f"{ONLINE}/deployments/blue-1/{metrics}", answer)
    server.on("GET", f"{ONLINE}/deployments/green-1/{metrics}", Says(body={"value": []}))
    blue, green = next(runtime.metrics([endpoint()]))
    assert (blue.deployment, blue.requests, blue.errors, blue.refused) == ("blue", 98, 5, 3)
    assert (blue.p50, blue.p95, blue.p99, blue.traffic) == (0.2, 0.2, None, 90)
    assert (green.deployment, green.requests, green.p50, green.traffic) == ("green", 0, None, 10)
    assert [(each.query.get("$filter"), each.query["interval"]) for each in asked] == [
        ("envoy_response_code eq '*'", "PT1M"),
        (None, "PT1M"),
    ]
    assert asked[1].query["metricnames"] == ",".join(latencies)


def test_score(runtime: AzureRuntime, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE)

    def begin(_asked: Asked) -> Says:
        jobs._put("batchjob-1", {"properties": {"properties": {"azureml.endpointName": "nightly"}}})
        return Says(200, {"name": "batchjob-1"})

    server.on("POST", "/jobs", begin)
    record = batch(f"{server.url}/jobs")
    assert runtime.is_batch(record)
    data = Record("data", "rows", {"uri": "azureml://datastores/x/paths/rows.csv"})
    wanted = Scoring(data=data, deployment="main", mini_batch=5, max_errors=2)
    run = runtime.score(record, wanted, lambda _: None, lambda _: None)
    assert (run.id, run.status) == ("batchjob-1", "succeeded")
    [asked] = server.calls("POST", "/jobs")
    assert asked.headers["azureml-model-deployment"] == "main-1"
    assert asked.body["properties"] == {
        "InputData": {"data": {"JobInputType": "UriFile", "Uri": "azureml://datastores/x/paths/rows.csv"}},
        "properties": {"experimentName": "nightly"},
        "miniBatchSize": 5,
        "errorThreshold": 2,
    }
    again = runtime.score(record, Scoring(resume="batchjob-1"), lambda _: None, lambda _: None)
    assert again.id == "batchjob-1"


def test_what_a_batch_endpoint_of_azure_cannot_do(runtime: AzureRuntime, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE, ("Failed",))
    jobs._put("old", {"properties": {}})
    record = batch(f"{server.url}/jobs")
    data = Record("data", "x", {"uri": "a/"})
    for wanted, code in (
        (Scoring(resume="none"), "unknown-run"),
        (Scoring(resume="old"), "unsupported"),
        (Scoring(data=data, output=Path("out")), "unsupported"),
        (Scoring(), "usage"),
    ):
        with pytest.raises(UsageError) as raised:
            runtime.score(record, wanted, lambda _: None, lambda _: None)
        assert raised.value.code == code
        assert raised.value.remedy
    server.on("POST", "/jobs", Says(403, {"error": {"message": "not you"}}))
    with pytest.raises(TargetError, match="not you") as refused:
        runtime.score(record, Scoring(data=data), lambda _: None, lambda _: None)
    assert refused.value.category == "permission"
    with pytest.raises(UsageError) as raised:
        runtime.cancel(record)
    assert raised.value.code == "not-running"
