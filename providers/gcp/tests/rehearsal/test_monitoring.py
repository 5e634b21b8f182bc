"""The life of a monitoring job, by Google's own client over the REST door."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import aiplatform_v1 as vertex
from google.protobuf import json_format

from .sound import ENDPOINT, MESSAGES, PARENT
from .test_clients import client

_KIND = "aiplatform:ModelDeploymentMonitoringJob"


@pytest.fixture
def jobs(door: str) -> vertex.JobServiceClient:
    """With a model deployed as 11."""
    models = client(vertex.ModelServiceClient, door)
    models.upload_model(parent=PARENT, model=_message("Model", MESSAGES["aiplatform:Model"]))
    endpoints = client(vertex.EndpointServiceClient, door)
    registered = next(iter(models.list_models(parent=PARENT)))
    deployed = MESSAGES["aiplatform:DeployedModel"] | {"model": registered.name, "id": "11"}
    endpoints.deploy_model(
        endpoint=ENDPOINT, deployed_model=_message("DeployedModel", deployed), traffic_split={"0": 100}
    )
    found: vertex.JobServiceClient = client(vertex.JobServiceClient, door)
    return found


def _message(name: str, body: dict[str, Any]) -> Any:
    kind = getattr(vertex, name)
    return kind(json_format.ParseDict(body, kind.pb()()))


def _job(**other: Any) -> Any:
    return _message("ModelDeploymentMonitoringJob", MESSAGES[_KIND] | other)


def _made(jobs: vertex.JobServiceClient, **other: Any) -> Any:
    return jobs.create_model_deployment_monitoring_job(
        parent=PARENT, model_deployment_monitoring_job=_job(**other)
    )


def _state(jobs: vertex.JobServiceClient, name: str) -> str:
    return str(jobs.get_model_deployment_monitoring_job(name=name).state.name)


def test_made_paused_resumed_and_deleted(jobs: vertex.JobServiceClient, door: str) -> None:
    made = _made(jobs)
    assert made.state.name == "JOB_STATE_PENDING"
    with pytest.raises(exceptions.BadRequest, match="can only be paused"):
        jobs.pause_model_deployment_monitoring_job(name=made.name)
    running = jobs.get_model_deployment_monitoring_job(name=made.name)
    assert (running.state.name, running.schedule_state.name) == ("JOB_STATE_RUNNING", "OFFLINE")
    assert running.next_schedule_time > running.create_time
    (table,) = running.bigquery_tables
    assert table.bigquery_table_path.endswith(".model_deployment_monitoring_1234567890.serving_predict")
    endpoints = client(vertex.EndpointServiceClient, door)
    assert endpoints.get_endpoint(name=ENDPOINT).model_deployment_monitoring_job == made.name
    with pytest.raises(exceptions.BadRequest, match="can only be resumed"):
        jobs.resume_model_deployment_monitoring_job(name=made.name)
    jobs.pause_model_deployment_monitoring_job(name=made.name)
    assert _state(jobs, made.name) == "JOB_STATE_PAUSED"
    jobs.resume_model_deployment_monitoring_job(name=made.name)
    assert _state(jobs, made.name) == "JOB_STATE_RUNNING"
    jobs.delete_model_deployment_monitoring_job(name=made.name).result()
    with pytest.raises(exceptions.NotFound):
        jobs.get_model_deployment_monitoring_job(name=made.name)
    assert endpoints.get_endpoint(name=ENDPOINT).model_deployment_monitoring_job == ""


def test_what_an_update_may_change(jobs: vertex.JobServiceClient) -> None:
    name = _made(jobs, labels={"team": "vision"}).name

    def changed(mask: str, **other: Any) -> Any:
        job = _job(name=name, **other)
        return jobs.update_model_deployment_monitoring_job(
            model_deployment_monitoring_job=job, update_mask={"paths": mask.split(",")}
        ).result()

    every = {"monitorInterval": "7200s"}
    after = changed(
        "model_deployment_monitoring_schedule_config,labels",
        displayName="other",
        modelDeploymentMonitoringScheduleConfig=every,
    )
    assert after.model_deployment_monitoring_schedule_config.monitor_interval.seconds == 7200
    assert (after.display_name, dict(after.labels)) == ("drift", {})
    drift = {"predictionDriftDetectionConfig": {"driftThresholds": {"x": {"value": 0.1}}}}
    nested = (
        "model_deployment_monitoring_objective_configs.objective_config.prediction_drift_detection_config"
    )
    objectives = [{"deployedModelId": "11", "objectiveConfig": drift}]
    after = changed(nested, modelDeploymentMonitoringObjectiveConfigs=objectives)
    (objective,) = after.model_deployment_monitoring_objective_configs
    assert objective.objective_config.prediction_drift_detection_config.drift_thresholds["x"].value == 0.1
    assert objective.objective_config.training_dataset.data_format == "csv"
    for fixed in ("endpoint", "predict_instance_schema_uri", "encryption_spec", "state"):
        with pytest.raises(exceptions.BadRequest, match="cannot be changed"):
            changed(fixed)
    gone = [{"deployedModelId": "12", "objectiveConfig": drift}]
    with pytest.raises(exceptions.BadRequest, match="DeployedModel 12 is not deployed"):
        changed(
            "model_deployment_monitoring_objective_configs", modelDeploymentMonitoringObjectiveConfigs=gone
        )
    with pytest.raises(exceptions.BadRequest, match="less than an hour"):
        changed(
            "model_deployment_monitoring_schedule_config",
            modelDeploymentMonitoringScheduleConfig={"monitorInterval": "60s"},
        )


@pytest.mark.parametrize(
    ("other", "error", "told"),
    [
        ({"endpoint": f"{PARENT}/endpoints/999"}, exceptions.NotFound, "endpoints/999"),
        ({"endpoint": ENDPOINT.replace("europe-west4", "us-central1")}, exceptions.NotFound, "us-central1"),
        (
            {"modelDeploymentMonitoringObjectiveConfigs": [{"deployedModelId": "12"}]},
            exceptions.BadRequest,
            "DeployedModel 12 is not deployed",
        ),
        (
            {"modelMonitoringAlertConfig": {"notificationChannels": ["projects/p/notificationChannels/1"]}},
            exceptions.NotFound,
            "notificationChannels/1",
        ),
    ],
)
def test_what_has_to_be_there(
    other: dict[str, Any], error: type[Exception], told: str, jobs: vertex.JobServiceClient
) -> None:
    with pytest.raises(error, match=told):
        _made(jobs, **other)


def test_an_endpoint_has_one_job(jobs: vertex.JobServiceClient) -> None:
    first = _made(jobs)
    with pytest.raises(exceptions.BadRequest, match="is monitored by"):
        _made(jobs)
    jobs.delete_model_deployment_monitoring_job(name=first.name).result()
    assert _made(jobs).name != first.name
