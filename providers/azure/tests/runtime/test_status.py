"""How things fare, as their documents say."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_azure.runtime import AzureRuntime

from mlstack.runtime import Record
from providers.azure.tests.runtime.conftest import GROUP, ONLINE, WORKSPACE, child, document, endpoint
from providers.azure.tests.strict import Says, Server

DATA = f"{WORKSPACE}/data/rows/versions/1a"
SCHEDULE = f"{WORKSPACE}/schedules/nightly"
ACTIONS = f"{GROUP}/providers/Microsoft.Insights/actionGroups/oncall"


@pytest.mark.parametrize(
    ("id", "said", "properties", "state", "detail"),
    [
        (DATA, "Succeeded", {}, "ready", "version 1a"),
        (DATA, "Failed", {}, "failed", "version 1a"),
        (SCHEDULE, "Succeeded", {"isEnabled": False}, "stopped", "disabled"),
        (SCHEDULE, "Updating", {}, "creating", ""),
        (ACTIONS, "", {"enabled": True}, "ready", ""),
        (SCHEDULE, None, {}, "absent", "nightly is not there"),
    ],
)
def test_of_a_document(
    runtime: AzureRuntime,
    server: Server,
    id: str,
    said: str | None,
    properties: dict[str, Any],
    state: str,
    detail: str,
) -> None:
    if said is not None:
        server.on("GET", id, document(id, said, **properties))
    [found] = runtime.status([Record("data", "rows", {"id": id})])
    assert (found.kind, found.name, found.state, found.detail) == ("data", "rows", state, detail)


def test_each_service_is_asked_by_its_own_version(runtime: AzureRuntime, server: Server) -> None:
    alert = f"{GROUP}/providers/microsoft.insights/metricAlerts/slow"
    server.on("GET", alert, document(alert, enabled=True))
    [found] = runtime.status([Record("monitors", "slow", {"id": alert})])
    assert found.state == "ready"
    assert server.asked[0].query["api-version"] == "2018-03-01"


def test_of_what_has_no_arm_id_it_is_that_of_its_child(runtime: AzureRuntime, server: Server) -> None:
    id = f"{GROUP}/providers/Microsoft.KeyVault/vaults/v/secrets/token"
    server.on("GET", id, Says(body={"id": id, "properties": {"attributes": {"enabled": True}}}))
    outputs = {"id": "https://v.vault.azure.net/secrets/token/1"}
    secret = Record("secrets", "token", outputs, [child("azure-native:keyvault:Secret", id)])
    found, none = runtime.status([secret, Record("secrets", "other", {"id": None})])
    assert (found.state, none.state) == ("ready", "absent")


@pytest.mark.parametrize(
    ("states", "traffic", "state"),
    [
        ({"blue-1": "Succeeded", "green-1": "Succeeded"}, {"blue-1": 90, "green-1": 10}, "ready"),
        ({"blue-1": "Succeeded", "green-1": "Failed"}, {"blue-1": 100}, "degraded"),
        ({"blue-1": "Failed"}, {"blue-1": 100}, "failed"),
        ({"blue-1": "Creating"}, {}, "creating"),
        ({"blue-1": "Succeeded"}, {}, "degraded"),
        ({}, {}, "degraded"),
    ],
)
def test_of_an_endpoint_it_is_that_of_its_deployments(
    runtime: AzureRuntime, server: Server, states: dict[str, str], traffic: dict[str, int], state: str
) -> None:
    server.on("GET", ONLINE, document(ONLINE, traffic=traffic, scoringUri="https://x/score"))
    listed = [document(f"{ONLINE}/deployments/{name}", said).body for name, said in states.items()]
    server.on("GET", f"{ONLINE}/deployments", Says(body={"value": listed}))
    [found] = runtime.status([endpoint()])
    assert (found.kind, found.state, found.url) == ("endpoint", state, "https://x/score")
    if len(traffic) == 2:
        assert found.detail == "blue ready (90 %), green ready (10 %)"


def test_of_a_pool(runtime: AzureRuntime, server: Server) -> None:
    id = f"{WORKSPACE}/computes/train"
    inner = {"vmSize": "STANDARD_D4S_V3", "currentNodeCount": 1, "scaleSettings": {"maxNodeCount": 4}}
    server.on(
        "GET",
        id,
        document(id, properties=inner),
        document(id, properties={**inner, "errors": [{"message": "no quota"}]}),
        document(id, "Failed", provisioningErrors=[{"error": {"message": "no subnet"}}]),
        document(id, properties={"vmSize": "S", "state": "Stopped"}),
    )
    found = [runtime.status([Record("compute", "train", {"id": id})])[0] for _ in range(4)]
    assert [(each.state, each.detail) for each in found] == [
        ("ready", "STANDARD_D4S_V3, 1 of 4 nodes"),
        ("degraded", "no quota"),
        ("failed", "no subnet"),
        ("stopped", "S"),
    ]


@pytest.mark.parametrize(
    ("said", "state"),
    [("Queued", "pending"), ("Running", "running"), ("Completed", "ready"), ("Canceled", "stopped")],
)
def test_of_a_job(runtime: AzureRuntime, server: Server, said: str, state: str) -> None:
    id = f"{WORKSPACE}/jobs/train-1"
    server.on("GET", id, document(id, status=said, services={"Studio": {"endpoint": "https://studio"}}))
    [found] = runtime.status([Record("jobs", "train", {"id": id})])
    assert (found.state, found.detail, found.url) == (state, f"{said}, run train-1", "https://studio")


def test_it_says_what_it_may_not_see(runtime: AzureRuntime, server: Server) -> None:
    id = f"{WORKSPACE}/computes/train"
    server.on("GET", id, Says(403, {"error": {"code": "AuthorizationFailed", "message": "no right"}}))
    [found] = runtime.status([Record("compute", "train", {"id": id})])
    assert (found.state, "no right" in found.detail) == ("degraded", True)
