"""A monitoring job on the emulated cloud: made, found again, changed in place, paused and removed."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.rehearsal.cloud import Document
from mlstack_gcp.resources.monitoring_job import MonitoringInputs, MonitoringJob

from mlstack.resource import Context, ResourceFailed, State
from providers.gcp.tests.emulated import BUCKET, PARENT, PROJECT, REGION

ENDPOINT = f"{PARENT}/endpoints/1234567890"
CHANNEL = f"projects/{PROJECT}/notificationChannels/1"
GIVEN: dict[str, Any] = {
    "project": PROJECT,
    "location": REGION,
    "display_name": "drift-1",
    "endpoint": ENDPOINT,
    "deployed_models": ["11", "22"],
    "baseline": [f"gs://{BUCKET}/rows.csv"],
    "form": "csv",
    "label": "target",
    "threshold": 0.2,
    "sample": 0.5,
    "interval": 3600,
    "emails": ["ml@example.com"],
    "channels": [CHANNEL],
    "directory": f"gs://{BUCKET}/monitors/drift",
    "labels": {"team": "vision"},
}


def inputs(**changed: Any) -> MonitoringInputs:
    return MonitoringInputs(**{**GIVEN, **changed})


@pytest.fixture(autouse=True)
def _endpoint(gcp: GcpEmulation) -> None:
    deployed = [{"id": id} for id in ("11", "22", "33")]
    made = {"name": ENDPOINT, "displayName": "digits", "deployedModels": deployed}
    gcp.cloud.put(ENDPOINT, "vertex/aiEndpoint:AiEndpoint", made)
    gcp.cloud.put(CHANNEL, "monitoring/notificationChannel:NotificationChannel", {"name": CHANNEL})


def _held(gcp: GcpEmulation, state: State) -> Document:
    return gcp.cloud.there(state.id)


def test_what_is_asked_for(gcp: GcpEmulation, context: Context) -> None:
    state = MonitoringJob().create(context, inputs(features=["age"], window=86400))
    held = _held(gcp, state)
    assert state.outputs == {"job": state.id}
    objectives = held["modelDeploymentMonitoringObjectiveConfigs"]
    assert [each["deployedModelId"] for each in objectives] == ["11", "22"]
    assert objectives[0]["objectiveConfig"] == {
        "trainingDataset": {
            "gcsSource": {"uris": [f"gs://{BUCKET}/rows.csv"]},
            "dataFormat": "csv",
            "targetField": "target",
        },
        "trainingPredictionSkewDetectionConfig": {"skewThresholds": {"age": {"value": 0.2}}},
    }
    assert held["modelDeploymentMonitoringScheduleConfig"] == {
        "monitorInterval": "3600s",
        "monitorWindow": "86400s",
    }
    alert = held["modelMonitoringAlertConfig"]
    assert alert["emailAlertConfig"] == {"userEmails": ["ml@example.com"]}
    assert alert["enableLogging"] is True
    assert held["statsAnomaliesBaseDirectory"] == {"outputUriPrefix": f"gs://{BUCKET}/monitors/drift"}


def test_it_reads_as_it_was_given(context: Context) -> None:
    for given in (inputs(), inputs(features=["b", "a"], window=7200, emails=[], channels=[])):
        state = MonitoringJob().create(context, given)
        read = MonitoringJob().read(context, state)
        assert read is not None
        assert read.inputs == given.model_dump()
        MonitoringJob().delete(context, state)


def test_one_whose_answer_was_lost_is_found_and_brought_up_to_date(
    gcp: GcpEmulation, context: Context
) -> None:
    first = MonitoringJob().create(context, inputs())
    found = MonitoringJob().find(context, GIVEN)
    assert found is not None
    assert found.id == first.id
    again = MonitoringJob().create(context, inputs(threshold=0.3))
    assert again.id == first.id
    limits = _held(gcp, first)["modelDeploymentMonitoringObjectiveConfigs"][0]["objectiveConfig"]
    assert limits["trainingPredictionSkewDetectionConfig"] == {"defaultSkewThreshold": {"value": 0.3}}
    assert MonitoringJob().find(context, {**GIVEN, "display_name": "other"}) is None


def test_deployments_thresholds_and_people_change_in_place(gcp: GcpEmulation, context: Context) -> None:
    state = MonitoringJob().create(context, inputs())
    changed = inputs(
        deployed_models=["22", "33"],
        threshold=0.4,
        features=["age"],
        sample=1.0,
        interval=7200,
        emails=[],
        labels={},
    )
    assert MonitoringJob().update(context, state, changed) == state.outputs
    read = MonitoringJob().read(context, state)
    assert read is not None
    assert read.inputs == changed.model_dump()
    fixed = {"project", "location", "display_name", "endpoint", "columns", "directory", "key"}
    assert MonitoringJob.replace_on == fixed
    assert MonitoringJob.delete_before_replace, "an endpoint has one"


def test_what_somebody_else_has_changed_is_seen(gcp: GcpEmulation, context: Context) -> None:
    state = MonitoringJob().create(context, inputs())
    document = _held(gcp, state)
    skew = document["modelDeploymentMonitoringObjectiveConfigs"][0]["objectiveConfig"]
    two = {"a": {"value": 1}, "b": {"value": 2}}
    skew["trainingPredictionSkewDetectionConfig"] = {"skewThresholds": two}
    gcp.cloud.put(state.id, "aiplatform:ModelDeploymentMonitoringJob", document)
    read = MonitoringJob().read(context, state)
    assert read is not None
    assert read.inputs["features"] == ["a", "b"]
    assert read.inputs["threshold"] == -1
    skew["trainingPredictionSkewDetectionConfig"] = {"defaultSkewThreshold": {"value": 0.2}}
    skew["trainingDataset"]["targetField"] = "another"
    gcp.cloud.put(state.id, "aiplatform:ModelDeploymentMonitoringJob", document)
    read = MonitoringJob().read(context, state)
    assert read is not None
    assert (read.inputs["label"], read.inputs["threshold"]) == ("another", -1), "of one of the two"


def test_it_is_imported_by_its_name(context: Context) -> None:
    state = MonitoringJob().create(context, inputs())
    read = MonitoringJob().read(context, State(state.id, {}, {}))
    assert read is not None
    assert read.inputs["endpoint"].endswith("/endpoints/1234567890")
    assert {key: read.inputs[key] for key in ("label", "interval", "emails")} == {
        "label": "target", "interval": 3600, "emails": ["ml@example.com"],
    }  # fmt: skip


@pytest.mark.parametrize("state", ["JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_PAUSED"])
def test_it_is_removed_in_whatever_state_it_is(gcp: GcpEmulation, context: Context, state: str) -> None:
    made = MonitoringJob().create(context, inputs())
    gcp.cloud.put(made.id, "aiplatform:ModelDeploymentMonitoringJob", {**_held(gcp, made), "state": state})
    MonitoringJob().delete(context, made)
    assert MonitoringJob().read(context, made) is None
    assert "modelDeploymentMonitoringJob" not in gcp.cloud.there(ENDPOINT)
    MonitoringJob().delete(context, made)


def test_another_s_job_on_the_endpoint_is_told(context: Context) -> None:
    MonitoringJob().create(context, inputs(display_name="another"))
    with pytest.raises(ResourceFailed, match="is monitored by"):
        MonitoringJob().create(context, inputs())


def test_a_preview_promises_what_is_certain(context: Context) -> None:
    state = MonitoringJob().create(context, inputs())
    assert MonitoringJob().preview(context, GIVEN, state) == {"job": state.id}
