"""Each condition: what is refused as things are, and a near case that is not."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_azure.rehearsal import AzureEmulation, ids
from mlstack_azure.rehearsal.rules import CONDITIONS

from mlstack.rehearsal import CloudFault

from .estate import ESTATE
from .examples import ML, inputs
from .monitoring import MONITOR
from .where import COMPUTE, DEPLOYMENT, ENVIRONMENT, MODEL, SUBNET, WORKSPACE

P = "properties."
_ENDPOINT, _ONLINE, _BATCH = f"{ML}OnlineEndpoint", f"{ML}OnlineDeployment", f"{ML}BatchDeployment"

_NEW = {"deploymentName": "new"}

#: Code -> type, inputs that are refused, inputs that pass, whether it is an update of what is there.
_CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], bool]] = {
    "parent-exists": (_ONLINE, {"endpointName": "none", **_NEW}, _NEW, False),
    "references-exist": (_ONLINE, {P + "model": MODEL + "x", **_NEW}, _NEW, False),
    "datastore-exists": (
        f"{ML}DataVersion",
        {"version": "2", P + "dataUri": f"azureml:/{WORKSPACE}/datastores/none/paths/x"},
        {"version": "2", P + "dataUri": f"azureml:/{WORKSPACE}/datastores/extra/paths/x"},
        False,
    ),
    "traffic-deployments": (_ENDPOINT, {P + "traffic": {"green": 100}}, {P + "traffic": {"blue": 100}}, True),
    "deployment-kind": (
        _ONLINE,
        {"deploymentName": "new", P + "endpointComputeType": "Kubernetes", P + "instanceType": None},
        {"deploymentName": "new"},
        False,
    ),
    "serving-location": (_ENDPOINT, {"endpointName": "new", "location": "eastus"},
                         {"endpointName": "new", "location": "West Europe"}, False),
    "batch-default": (f"{ML}BatchEndpoint", {P + "defaults": {"deploymentName": "none"}},
                      {P + "defaults": {"deploymentName": "main"}}, True),
    "asset-immutable": (f"{ML}ModelVersion", {P + "modelUri": "https://example.com/other/"},
                        {P + "description": "other"}, True),
    "fixed": (f"{ML}Compute", {P + "properties.vmSize": "Standard_D2s_v3"},
              {P + "properties.scaleSettings.maxNodeCount": 2}, True),
    "role-once": (
        "authorization:RoleAssignment",
        {"roleAssignmentName": "33333333-3333-3333-3333-333333333333"},
        {"roleAssignmentName": "33333333-3333-3333-3333-333333333333",
         "principalId": "44444444-4444-4444-4444-444444444444"},
        False,
    ),
    "link-location": ("network:PrivateEndpoint", {"privateEndpointName": "p2", "location": "eastus"},
                      {"privateEndpointName": "p2"}, False),
}  # fmt: skip


@pytest.mark.parametrize("code", _CASES)
def test_condition(code: str, estate: AzureEmulation) -> None:
    kind, refused, passes, there = _CASES[code]
    assert any(one.code == code and kind in one.tokens for one in CONDITIONS)

    def put(change: dict[str, Any]) -> None:
        given, token = inputs(kind, change), f"azure-native:{kind}"
        if there:
            id = ids.arm_id(ids.TYPES[kind], given, estate.cloud.subscription)
            estate.update(token, id, ESTATE[kind], given)
        else:
            estate.create(token, given)

    with pytest.raises(CloudFault) as caught:
        put(refused)
    (condition,) = [one for one in CONDITIONS if one.code == code]
    given = inputs(kind, refused)
    id = ids.arm_id(ids.TYPES[kind], given, estate.cloud.subscription)
    from mlstack_azure.rehearsal.rules import View

    told = [fault.message for fault in condition.judge(estate.cloud, id, View(given), estate.cloud.body(id))]
    assert caught.value.message in told, "it is this condition that speaks"
    put(passes)


def _model(estate: AzureEmulation, kind: str) -> str:
    made = inputs(f"{ML}ModelVersion", {"version": kind, P + "modelType": kind})
    return estate.create(f"azure-native:{ML}ModelVersion", made).id


def test_an_mlflow_model_serves_alone_and_a_custom_one_does_not(estate: AzureEmulation) -> None:
    token, custom = f"azure-native:{_ONLINE}", _model(estate, "custom_model")
    alone = inputs(_ONLINE, {"deploymentName": "custom", P + "model": custom})
    with pytest.raises(CloudFault, match="needs an environment"):
        estate.create(token, alone)
    with_environment = inputs(_ONLINE, {"deploymentName": "custom", P + "model": custom,
                                        P + "environmentId": ENVIRONMENT})  # fmt: skip
    with pytest.raises(CloudFault, match="needs a scoring script"):
        estate.create(token, with_environment)
    code = {"codeId": f"{WORKSPACE}/codes/score/versions/1", "scoringScript": "score.py"}
    with_environment["properties"]["codeConfiguration"] = code
    estate.create(token, with_environment)


def test_a_batch_deployment_of_a_custom_model_needs_both(estate: AzureEmulation) -> None:
    custom = {"referenceType": "Id", "assetId": _model(estate, "custom_model")}
    with pytest.raises(CloudFault, match="not MLflow needs environmentId"):
        estate.create(
            f"azure-native:{_BATCH}", inputs(_BATCH, {"deploymentName": "new", P + "model": custom})
        )


def test_batch_scoring_needs_a_cluster(estate: AzureEmulation) -> None:
    body = estate.world.get(COMPUTE)
    assert body is not None
    body["properties"]["computeType"] = "ComputeInstance"
    estate.world.put(COMPUTE, f"{ML}Compute", body)
    with pytest.raises(CloudFault, match="runs on a cluster, not on a ComputeInstance"):
        estate.create(f"azure-native:{_BATCH}", inputs(_BATCH, {"deploymentName": "new"}))


def test_a_monitor_needs_a_deployment_that_collects(estate: AzureEmulation) -> None:
    token = f"azure-native:{ML}Schedule"
    estate.create(token, MONITOR)
    body = estate.world.get(DEPLOYMENT)
    assert body is not None
    del body["properties"]["dataCollector"]
    estate.world.put(DEPLOYMENT, _ONLINE, body)
    with pytest.raises(CloudFault, match="data collector is not enabled"):
        estate.create(token, {**MONITOR, "name": "second"})


def test_a_failed_deployment_takes_no_traffic(estate: AzureEmulation) -> None:
    body = estate.world.get(DEPLOYMENT)
    assert body is not None
    body["properties"]["provisioningState"] = "Failed"
    estate.world.put(DEPLOYMENT, _ONLINE, body)
    id = f"{WORKSPACE}/onlineEndpoints/digits"
    with pytest.raises(CloudFault, match="is Failed"):
        estate.update(f"azure-native:{_ENDPOINT}", id, {}, inputs(_ENDPOINT, {P + "traffic": {"blue": 100}}))


def test_an_endpoint_has_twenty_deployments_at_most(estate: AzureEmulation) -> None:
    token = f"azure-native:{_ONLINE}"
    for number in range(19):
        estate.create(token, inputs(_ONLINE, {"deploymentName": f"more-{number}"}))
    with pytest.raises(CloudFault, match="20 deployments at most") as caught:
        estate.create(token, inputs(_ONLINE, {"deploymentName": "last"}))
    assert caught.value.code == "QuotaExceeded"


def test_a_soft_deleted_vault_can_be_recovered(estate: AzureEmulation) -> None:
    kind, token = "keyvault:Vault", "azure-native:keyvault:Vault"
    id = ids.arm_id(ids.TYPES[kind], ESTATE[kind], estate.cloud.subscription)
    estate.delete(token, id, {})
    with pytest.raises(CloudFault, match="soft-deleted vault"):
        estate.create(token, ESTATE[kind])
    estate.create(token, inputs(kind, {P + "createMode": "recover"}))


def test_a_secret_that_was_deleted_keeps_its_name(estate: AzureEmulation) -> None:
    kind, token = "keyvault:Secret", "azure-native:keyvault:Secret"
    id = ids.arm_id(ids.TYPES[kind], ESTATE[kind], estate.cloud.subscription)
    estate.delete(token, id, {})
    with pytest.raises(CloudFault, match="deleted but recoverable"):
        estate.create(token, ESTATE[kind])
    assert any(one.id == id and "soft-deleted" in one.why for one in estate.leftovers())


def test_traffic_goes_with_its_deployment(estate: AzureEmulation) -> None:
    id = f"{WORKSPACE}/onlineEndpoints/digits"
    estate.update(f"azure-native:{_ENDPOINT}", id, {}, inputs(_ENDPOINT, {P + "traffic": {"blue": 0}}))
    estate.delete(f"azure-native:{_ONLINE}", DEPLOYMENT, {})
    assert estate.cloud.body(id)["properties"]["traffic"] == {}  # type: ignore[index]


def test_every_condition_is_shown() -> None:
    """Those outside the table have a test of their own in this file or in test_life."""
    elsewhere = {"model-environment", "batch-model-environment", "batch-compute", "monitor-collector",
                 "traffic-ready", "deployments-per-endpoint", "soft-deleted", "model-in-use",
                 "deployment-has-traffic"}  # fmt: skip
    assert {one.code for one in CONDITIONS} == set(_CASES) | elsewhere
    assert SUBNET
