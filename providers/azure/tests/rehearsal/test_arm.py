"""The REST door, spoken to by azure-mgmt-core's pipeline and its poller of long operations."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from azure.core import PipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.rest import HttpRequest
from mlstack_azure.rehearsal import AzureEmulation
from mlstack_azure.rehearsal.bodies import to_body
from mlstack_azure.rehearsal.ids import TYPES

from .clients import Arm
from .estate import COMMAND, ESTATE
from .where import DEPLOYMENT, ENDPOINT, GROUP, MODEL, SUBSCRIPTION, WORKSPACE

ML = "machinelearningservices:"


@pytest.fixture
def arm(door: str) -> Arm:
    return Arm(door)


def _body(kind: str) -> dict[str, Any]:
    return copy.deepcopy(to_body(TYPES[kind], ESTATE[kind]))


def test_an_endpoint_and_its_deployment_by_long_operations(arm: Arm) -> None:
    id = f"{WORKSPACE}/onlineEndpoints/other"
    first = arm.call("PUT", id, _body(f"{ML}OnlineEndpoint"))
    assert first.status_code == 201
    assert first.json()["properties"]["provisioningState"] == "Creating"
    assert "Azure-AsyncOperation" in first.headers

    made = arm.long("PUT", id, _body(f"{ML}OnlineEndpoint"))
    assert made["properties"]["provisioningState"] == "Succeeded"

    body = _body(f"{ML}OnlineDeployment")
    assert arm.long("PUT", f"{id}/deployments/blue", body)["name"] == "blue"

    split = _body(f"{ML}OnlineEndpoint")
    split["properties"]["traffic"] = {"green": 100}
    refused = arm.call("PUT", id, split)
    assert refused.status_code == 400
    assert "'green', which does not exist" in refused.json()["error"]["message"]
    split["properties"]["traffic"] = {"blue": 100}
    assert arm.long("PUT", id, split)["properties"]["traffic"] == {"blue": 100}

    live = arm.call("DELETE", f"{id}/deployments/blue")
    assert (live.status_code, live.json()["error"]["code"]) == (400, "BadRequest")
    arm.long("DELETE", id)
    assert arm.call("GET", id).status_code == 404
    assert arm.call("GET", f"{id}/deployments/blue").status_code == 404
    assert arm.call("DELETE", id).status_code == 204


def test_scoring_needs_the_key_and_traffic(arm: Arm) -> None:
    url = arm.call("GET", ENDPOINT).json()["properties"]["scoringUri"]
    key = arm.call("POST", f"{ENDPOINT}/listKeys").json()["primaryKey"]

    caller: PipelineClient[Any, Any] = PipelineClient(url)

    def score(key: str, **headers: str) -> Any:
        told = {"Authorization": f"Bearer {key}", **headers}
        return caller.send_request(HttpRequest("POST", url, json={"x": 1}, headers=told))

    assert score("wrong").status_code == 401
    assert score(key).status_code == 404, "no deployment has traffic"
    assert score(key, **{"azureml-model-deployment": "blue"}).json()["input"] == {"x": 1}
    body = _body(f"{ML}OnlineEndpoint")
    body["properties"]["traffic"] = {"blue": 100}
    arm.long("PUT", ENDPOINT, body)
    answer = score(key)
    assert (answer.status_code, answer.headers["azureml-model-deployment"]) == (200, "blue")


def test_a_patch_merges_and_a_put_replaces(arm: Arm) -> None:
    arm.long("PATCH", DEPLOYMENT, {"sku": {"capacity": 2}})
    body = arm.call("GET", DEPLOYMENT).json()
    assert body["sku"] == {"name": "Default", "capacity": 2}
    assert body["properties"]["model"] == MODEL
    arm.long("PUT", DEPLOYMENT, _body(f"{ML}OnlineDeployment"))
    assert arm.call("GET", DEPLOYMENT).json()["sku"]["capacity"] == 1


def test_a_job_goes_its_way_and_leaves_outputs_and_a_log(arm: Arm, estate: AzureEmulation) -> None:
    id = f"{WORKSPACE}/jobs/run-1"
    assert arm.call("PUT", id, {"properties": COMMAND}).status_code == 201
    assert arm.call("PUT", id, {"properties": COMMAND}).status_code == 200, "the same job again is the same"
    other = arm.call("PUT", id, {"properties": {**COMMAND, "command": "echo ${{inputs.data}}"}})
    assert other.status_code == 409
    seen = [arm.call("GET", id).json()["properties"]["status"] for _ in range(4)]
    assert seen == ["Queued", "Running", "Completed", "Completed"]
    done = arm.call("GET", id).json()["properties"]
    assert done["outputs"]["model"]["uri"].endswith("/run-1/model/")
    asset = arm.call("GET", f"{WORKSPACE}/data/azureml_run-1_output_data_model/versions/1").json()
    assert asset["properties"]["dataType"] == "uri_folder"
    blobs = [path for path in estate.world.blobs("stor1/") if "run-1" in path]
    assert any(path.endswith("run-1/model/rehearsal.json") for path in blobs)
    assert any(path.endswith("dcid.run-1/user_logs/std_log.txt") for path in blobs)
    assert arm.call("POST", f"{id}/cancel").status_code == 400, "it is done"


def test_a_job_can_be_cancelled(arm: Arm) -> None:
    id = f"{WORKSPACE}/jobs/run-2"
    arm.call("PUT", id, {"properties": COMMAND})
    assert arm.call("POST", f"{id}/cancel").status_code == 202
    assert arm.call("GET", id).json()["properties"]["status"] == "Canceled"


def test_lists_come_in_pages(arm: Arm) -> None:
    for number in range(45):
        body = {"properties": {"dataType": "uri_file", "dataUri": "https://example.com/x"}}
        arm.call("PUT", f"{WORKSPACE}/data/many/versions/{number}", body)
    names, pages = [], 0
    answer = arm.call("GET", f"{WORKSPACE}/data/many/versions").json()
    while True:
        pages += 1
        names += [one["name"] for one in answer["value"]]
        if "nextLink" not in answer:
            break
        answer = arm.client.send_request(HttpRequest("GET", answer["nextLink"])).json()
    assert (len(set(names)), pages) == (45, 3)
    container = arm.call("GET", f"{WORKSPACE}/data/many").json()["properties"]
    assert (container["latestVersion"], container["nextVersion"]) == ("44", "45")


def test_tags_are_seen_across_the_subscription(arm: Arm) -> None:
    asked = {"$filter": "tagName eq 'team' and tagValue eq 'vision'"}
    found = arm.call("GET", f"/subscriptions/{SUBSCRIPTION}/resources", **asked).json()["value"]
    assert [one["id"] for one in found] == [WORKSPACE]


def test_conditional_requests(arm: Arm) -> None:
    id = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/who"
    tag = arm.call("GET", id).headers["ETag"]
    body = {"location": "westeurope", "tags": {"a": "b"}}
    wrong: Any = {"If-Match": '"other"'}
    right: Any = {"If-Match": tag}
    assert arm.call("PUT", id, body, headers=wrong).status_code == 412
    assert arm.call("PUT", id, body, headers=right).status_code == 200
    assert arm.call("PUT", id, body, headers=right).status_code == 412


def test_faults_are_told_as_arm_tells_them(arm: Arm) -> None:
    missing = arm.call("GET", f"{WORKSPACE}/jobs/none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "ResourceNotFound")
    group = arm.call(
        "PUT",
        GROUP.replace("rg", "none") + "/providers/Microsoft.KeyVault/vaults/v-1",
        _body("keyvault:Vault"),
    )
    assert group.json()["error"]["code"] == "ResourceGroupNotFound"
    wrong = _body(f"{ML}OnlineEndpoint")
    wrong["properties"]["authMode"] = "Token"
    told = arm.call("PUT", f"{WORKSPACE}/onlineEndpoints/third", wrong)
    assert told.status_code == 400
    assert "properties.authMode" in told.json()["error"]["message"]
    with pytest.raises(HttpResponseError, match="was not found"):
        arm.call("GET", f"{WORKSPACE}/jobs/none").raise_for_status()


def test_what_a_subscription_says_of_itself(arm: Arm) -> None:
    base = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/westeurope"
    usages = {one["name"]["value"]: one for one in arm.call("GET", f"{base}/usages").json()["value"]}
    assert usages["standardDSFamily"]["currentValue"] == 4, "blue runs on one Standard_DS3_v2"
    sizes = {one["name"] for one in arm.call("GET", f"{base}/vmSizes").json()["value"]}
    assert "Standard_NC4as_T4_v3" in sizes
    assert arm.call("GET", f"/subscriptions/{SUBSCRIPTION}").json()["state"] == "Enabled"


def test_a_request_without_a_version_is_refused(arm: Arm) -> None:
    answer = arm.client.send_request(HttpRequest("GET", arm.client.format_url(WORKSPACE)))
    assert answer.json()["error"]["code"] == "MissingApiVersionParameter"


def test_keys_and_datastores(arm: Arm) -> None:
    storage = ESTATE[f"{ML}Workspace"]["storageAccount"]
    assert len(arm.call("POST", f"{storage}/listKeys").json()["keys"]) == 2
    store = arm.call("GET", f"{WORKSPACE}/datastores/workspaceblobstore").json()["properties"]
    assert (store["accountName"], store["isDefault"]) == ("stor1", True)
    assert arm.call("POST", f"{WORKSPACE}/datastores/workspaceblobstore/listSecrets").json()["key"]
    logs = arm.call("POST", f"{DEPLOYMENT}/getLogs", {"containerType": "InferenceServer", "tail": 1}).json()
    assert logs["content"].count("\n") == 1
