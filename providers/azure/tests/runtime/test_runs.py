"""Runs of jobs and readings of monitors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from mlstack_azure.runtime import AzureRuntime

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Artifact, Record
from providers.azure.tests.jobs import FAILS, Jobs
from providers.azure.tests.runtime.conftest import GROUP, ML, ONLINE, WORKSPACE, child, endpoint, series
from providers.azure.tests.strict import Asked, Says, Server

MLFLOW = f"/mlflow/v1.0{WORKSPACE}/api/2.0/mlflow/runs/get"


def _job() -> Record:
    properties = {
        "jobType": "Command",
        "command": "x",
        "environmentId": "e",
        "inputs": {
            "c": {"jobInputType": "literal", "value": "1.0"},
            "rows": {"jobInputType": "uri_file", "uri": "azureml://old"},
        },
        "outputs": {"model": {"jobOutputType": "uri_folder"}},
    }
    inputs = {"stack_uid": "uid", "name": "train", "workspace_id": WORKSPACE, "properties": properties}
    outputs = {"run": "train-own", "job_id": f"{WORKSPACE}/jobs/train-own"}
    made = child("mlstack:azure:Job", "x", inputs, outputs)
    return Record("jobs", "train", {"id": outputs["job_id"]}, [made])


def _artifact(_reference: str) -> Artifact:
    return Artifact("azureml://new", "1")


def _quiet(_line: str) -> None:
    pass


def _metrics(**values: float) -> Says:
    listed = [{"key": key.replace("__", "."), "value": value} for key, value in values.items()]
    return Says(body={"run": {"data": {"metrics": listed}}})


def test_a_run_beside_the_stack_s_own(runtime: AzureRuntime, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE)
    told: list[str] = []
    server.on("GET", MLFLOW, _metrics(accuracy=0.9))
    run = runtime.run(_job(), {"c": 2.5, "rows": "data.new"}, told.append, artifact=_artifact)
    [name] = jobs.puts
    assert (run.id, run.status, run.metrics, run.own) == (name, "succeeded", {"accuracy": 0.9}, False)
    sent = server.calls("PUT", f"{WORKSPACE}/jobs/{name}")[0].body["properties"]
    assert sent["inputs"]["c"]["value"] == "2.5"
    assert sent["inputs"]["rows"]["uri"] == "azureml://new"
    assert told[0].startswith(f"submitted {name}")
    [known] = runtime.runs(_job())
    assert (known.id, known.inputs["c"], known.started is not None) == (name, "2.5", True)


def test_a_run_that_fails_is_an_error_and_one_that_is_detached_is_not_waited_for(
    runtime: AzureRuntime, server: Server
) -> None:
    Jobs(server, WORKSPACE, FAILS)
    with pytest.raises(TargetError) as raised:
        runtime.run(_job(), {}, _quiet, artifact=_artifact)
    assert (raised.value.code, raised.value.category) == ("run-failed", "user")
    assert runtime.run(_job(), {}, _quiet, artifact=_artifact, detach=True).status == "pending"


def test_an_input_that_the_job_does_not_have(runtime: AzureRuntime, server: Server) -> None:
    with pytest.raises(UsageError, match="has no input 'row'") as raised:
        runtime.run(_job(), {"row": "x"}, _quiet, artifact=_artifact)
    assert raised.value.remedy == "did you mean 'rows'? It has: c, rows."


def test_cancel(runtime: AzureRuntime, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE, ("Running",))
    run = runtime.run(_job(), {}, _quiet, artifact=_artifact, detach=True)
    assert runtime.cancel(_job()) == run.id
    assert jobs.cancelled == [run.id]
    jobs.documents[run.id]["properties"]["status"] = "Canceled"
    for wanted, code in ((None, "not-running"), ("none", "unknown-run")):
        with pytest.raises(UsageError) as raised:
            runtime.cancel(_job(), wanted)
        assert raised.value.code == code
    with pytest.raises(UsageError, match="answers at once"):
        runtime.cancel(endpoint())


def test_readings_of_an_alert_are_its_windows(runtime: AzureRuntime, server: Server) -> None:
    id = f"{GROUP}/providers/Microsoft.Insights/metricAlerts/slow"
    criterion = {
        "name": "c",
        "metricName": "RequestLatency_P95",
        "operator": "GreaterThan",
        "threshold": 200,
        "timeAggregation": "Average",
    }
    inputs = {"criteria": {"allOf": [criterion]}, "scopes": [ONLINE], "windowSize": "PT15M"}
    record = Record("monitors", "slow", {"id": id}, [child("azure-native:monitor:MetricAlert", id, inputs)])
    place = f"{ONLINE}/providers/Microsoft.Insights/metrics"
    answers: list[list[Any]] = [
        [series("RequestLatency_P95", [100, 200])],
        [],
        [series("RequestLatency_P95", [300, 500])],
    ]
    server.on("GET", place, *(Says(body={"value": each}) for each in answers))
    found = runtime.readings(record, 3)
    assert [(each.state, each.value, each.firing) for each in found] == [
        ("ok", 150, False),
        ("insufficient", None, False),
        ("firing", 400, True),
    ]
    for asked in server.calls("GET", place):
        begin, end = (datetime.fromisoformat(each) for each in asked.query["timespan"].split("/"))
        assert end - begin == timedelta(minutes=15)
    assert runtime.measure(record).value == 400


def test_readings_of_a_drift_monitor_are_its_schedule_s_runs(runtime: AzureRuntime, server: Server) -> None:
    id = f"{WORKSPACE}/schedules/drift"
    threshold = {"metric": "PopulationStabilityIndex", "threshold": {"value": 0.2}}
    signals = {"s": {"signalType": "DataDrift", "metricThresholds": [threshold]}}
    inputs = {"properties": {"action": {"monitorDefinition": {"signals": signals}}}}
    record = Record("monitors", "drift", {"id": id}, [child(f"{ML}:Schedule", id, inputs)])
    jobs = Jobs(server, WORKSPACE)
    for name, said in (
        ("one", "Completed"),
        ("two", "Completed"),
        ("three", "Failed"),
        ("four", "Completed"),
    ):
        jobs._put(name, {"properties": {}})
        jobs.documents[name]["properties"]["status"] = said

    def answer(asked: Asked) -> Says:
        value = {"one": 0.1, "two": 0.4}.get(asked.query["run_id"])
        drift = {} if value is None else {"x__population_stability_index": value}
        return _metrics(rows=1000, **drift)

    server.on("GET", MLFLOW, answer)
    found = runtime.readings(record, 5)
    assert [(each.state, each.value) for each in found] == [
        ("ok", 0.1),
        ("firing", 0.4),
        ("failed", None),
        ("insufficient", None),
    ]
    assert server.calls("GET", f"{WORKSPACE}/jobs")[0].query["scheduleId"] == "drift"
    server.on("POST", f"{id}/trigger", Says(body={"jobName": "five"}))
    begun = runtime.measure(record)
    assert (begun.state, begun.threshold) == ("insufficient", 0.2)
    assert server.asked[-1].query["api-version"] == "2024-01-01-preview"
