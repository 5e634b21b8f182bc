"""The emulated cloud seen by azure-ai-ml's own MLClient: what the stack's resources look like to it."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from .clients import Anybody, Loopback
from .where import SUBSCRIPTION


@pytest.fixture
def ml(door: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from azure.ai.ml import MLClient

        return MLClient(
            Anybody(), SUBSCRIPTION, "rg", "work", transport=Loopback(door), enable_telemetry=False
        )


def test_workspace_and_compute(ml: Any) -> None:
    workspace = ml.workspaces.get("work")
    assert (workspace.name, workspace.location) == ("work", "westeurope")
    cluster = ml.compute.get("train")
    assert (cluster.size, cluster.tier, cluster.max_instances) == ("Standard_D4s_v3", "low_priority", 4)


def test_assets(ml: Any) -> None:
    model = ml.models.get("digits", version="abc")
    assert (model.type, model.path) == (
        "mlflow_model",
        "azureml://datastores/workspaceblobstore/paths/model/",
    )
    data = ml.data.get("digits", version="abc")
    assert (data.type, data.version) == ("uri_file", "abc")
    environment = ml.environments.get("sk", version="abc")
    assert environment.image.startswith("mcr.microsoft.com/azureml/")
    assert [one.name for one in ml.models.list()] == ["digits"]


def test_endpoint_deployment_and_keys(ml: Any) -> None:
    endpoint = ml.online_endpoints.get("digits")
    assert (endpoint.auth_mode, endpoint.provisioning_state) == ("key", "Succeeded")
    assert ml.online_endpoints.get_keys("digits").primary_key
    deployment = ml.online_deployments.get("blue", "digits")
    assert (deployment.instance_type, deployment.instance_count) == ("Standard_DS3_v2", 1)
    assert deployment.data_collector.collections["model_inputs"]


def test_traffic_is_set_and_a_live_deployment_stays(ml: Any) -> None:
    from azure.core.exceptions import HttpResponseError

    endpoint = ml.online_endpoints.get("digits")
    endpoint.traffic = {"blue": 100}
    assert ml.online_endpoints.begin_create_or_update(endpoint).result().traffic == {"blue": 100}
    with pytest.raises(HttpResponseError, match="cannot be deleted"):
        ml.online_deployments.begin_delete("blue", "digits").result()


def test_jobs_and_schedules(ml: Any) -> None:
    assert ml.jobs.get("train-1").status in ("Queued", "Running")
    schedule = ml.schedules.get("every-night")
    assert schedule.trigger.expression == "0 3 * * *"
    assert ml.batch_deployments.get("main", "nightly").mini_batch_size == 100
