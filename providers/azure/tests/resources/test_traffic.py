"""The split of an endpoint: what is put, what is left alone, what somebody else does meanwhile."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from mlstack_azure.resources import traffic as module
from mlstack_azure.resources.traffic import Traffic, TrafficInputs

from mlstack.resource import Context, InputProblem, ResourceFailed, State
from providers.azure.tests.resources.conftest import WORKSPACE
from providers.azure.tests.strict import Asked, Says, Server

ENDPOINT = f"{WORKSPACE}/onlineEndpoints/digits"
BATCH = f"{WORKSPACE}/batchEndpoints/nightly"
USER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/u"

DOCUMENT: dict[str, Any] = {
    "id": ENDPOINT,
    "name": "digits",
    "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    "location": "westeurope",
    "tags": {"team": "vision"},
    "kind": "Managed",
    "identity": {
        "type": "UserAssigned",
        "userAssignedIdentities": {USER: {"principalId": "p", "clientId": "c"}},
    },
    "systemData": {"createdBy": "me"},
    "properties": {
        "authMode": "Key",
        "publicNetworkAccess": "Enabled",
        "description": "ten digits",
        "provisioningState": "Succeeded",
        "scoringUri": "https://digits.westeurope.inference.ml.azure.com/score",
        "swaggerUri": "https://digits.westeurope.inference.ml.azure.com/swagger.json",
        "traffic": {},
        "mirrorTraffic": {},
    },
}


class Endpoint:
    """An endpoint with a tag that changes with each write, as the platform's other resources have."""

    def __init__(self, server: Server, document: dict[str, Any], *, tagged: bool = True) -> None:
        self.document = copy.deepcopy(document)
        self.version = 0
        self.tagged = tagged
        server.on("GET", document["id"], self.get)
        server.on("PUT", document["id"], self.put)

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["properties"]
        return found

    def get(self, asked: Asked) -> Says:
        return Says(body=self.document, headers={"ETag": f'"{self.version}"'} if self.tagged else {})

    def put(self, asked: Asked) -> Says:
        if self.tagged and asked.headers.get("if-match") != f'"{self.version}"':
            return Says(412, {"error": {"code": "PreconditionFailed", "message": "changed meanwhile"}})
        readonly = {"scoringUri", "swaggerUri", "provisioningState"} & set(asked.body["properties"])
        if readonly or {"id", "name", "systemData"} & set(asked.body):
            return Says(400, {"error": {"code": "BadRequest", "message": "read-only"}})
        self.version += 1
        self.document["properties"] |= asked.body["properties"]
        return Says(body=self.document)


def _inputs(endpoint: str = ENDPOINT, mirror: dict[str, int] | None = None, **traffic: int) -> TrafficInputs:
    return TrafficInputs(endpoint_id=endpoint, traffic=traffic, mirror=mirror or {})


def test_traffic_is_set_and_the_rest_left_alone(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, DOCUMENT)
    Traffic().create(context, _inputs(mirror={"shadow": 20}, blue=90, green=10))
    assert endpoint.properties["traffic"] == {"blue": 90, "green": 10}
    assert endpoint.properties["mirrorTraffic"] == {"shadow": 20}
    body = server.calls("PUT", ENDPOINT)[0].body
    assert body == {
        "location": "westeurope",
        "tags": {"team": "vision"},
        "kind": "Managed",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {USER: {}}},
        "properties": {
            "authMode": "Key",
            "publicNetworkAccess": "Enabled",
            "description": "ten digits",
            "traffic": {"blue": 90, "green": 10},
            "mirrorTraffic": {"shadow": 20},
        },
    }


def test_what_is_as_wanted_is_not_put_again(context: Context, server: Server) -> None:
    Endpoint(server, DOCUMENT)
    for _ in range(2):
        Traffic().create(context, _inputs(blue=100))
    assert len(server.calls("PUT", ENDPOINT)) == 1


@pytest.mark.parametrize("tagged", [True, False])
def test_a_change_in_between_is_kept(context: Context, server: Server, tagged: bool) -> None:
    """Somebody tags the endpoint between our reading and our writing; or it is just being updated."""
    endpoint = Endpoint(server, DOCUMENT, tagged=tagged)

    def meanwhile(asked: Asked) -> Says:
        endpoint.document["tags"] = {"team": "speech"}
        endpoint.version += 1
        server.on("PUT", ENDPOINT, endpoint.put)
        if tagged:
            return endpoint.put(asked)
        return Says(409, {"error": {"code": "Conflict", "message": "the endpoint is being updated"}})

    server.on("PUT", ENDPOINT, meanwhile)
    Traffic().create(context, _inputs(blue=100))
    assert endpoint.properties["traffic"] == {"blue": 100}
    assert server.calls("PUT", ENDPOINT)[-1].body["tags"] == {"team": "speech"}


def test_an_endpoint_that_is_worked_on_is_waited_for(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, DOCUMENT)
    busy = copy.deepcopy(DOCUMENT)
    busy["properties"]["provisioningState"] = "Updating"
    server.on("GET", ENDPOINT, Says(body=busy), Says(body=busy), endpoint.get)
    Traffic().create(context, _inputs(blue=100))
    assert endpoint.properties["traffic"] == {"blue": 100}
    assert len(server.calls("PUT", ENDPOINT)) == 1


def test_it_gives_up_with_a_conflict(
    context: Context, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    Endpoint(server, DOCUMENT)
    monkeypatch.setattr(module, "_ATTEMPTS", 3)
    server.on("PUT", ENDPOINT, Says(409, {"error": {"code": "Conflict", "message": "busy"}}))
    with pytest.raises(ResourceFailed) as raised:
        Traffic().create(context, _inputs(blue=100))
    assert raised.value.category == "conflict"


def test_drift_is_seen(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, DOCUMENT)
    traffic = Traffic()
    state = traffic.create(context, _inputs(blue=100, green=0))
    assert traffic.read(context, state) == state
    endpoint.properties["traffic"] = {"blue": 100}
    assert traffic.read(context, state) == state
    endpoint.properties["traffic"] = {"blue": 50, "green": 50}
    drifted = traffic.read(context, state)
    assert drifted is not None
    assert drifted.inputs["traffic"] == {"blue": 50, "green": 50}
    endpoint.properties["traffic"] = {}
    gone = traffic.read(context, state)
    assert gone is not None
    assert gone.inputs["traffic"] == {"green": 0}
    traffic.update(context, gone, _inputs(blue=100, green=0))
    assert endpoint.properties["traffic"] == {"blue": 100, "green": 0}


def test_import_and_a_killed_create(context: Context, server: Server) -> None:
    traffic = Traffic()
    assert traffic.find(context, _inputs(blue=100).model_dump()) is None
    Endpoint(server, DOCUMENT)
    assert traffic.find(context, _inputs(blue=100).model_dump()) is None
    state = traffic.create(context, _inputs(blue=100))
    assert traffic.find(context, state.inputs) == state
    assert traffic.read(context, State(state.id, {}, {})) == state


def test_delete_takes_the_traffic_away_so_that_deployments_can_go(context: Context, server: Server) -> None:
    endpoint = Endpoint(server, DOCUMENT)
    state = Traffic().create(context, _inputs(mirror={"shadow": 5}, blue=100))
    Traffic().delete(context, state)
    assert (endpoint.properties["traffic"], endpoint.properties["mirrorTraffic"]) == ({}, {})


def test_delete_leaves_an_endpoint_alone_that_goes(context: Context, server: Server) -> None:
    state = State(f"{ENDPOINT}/traffic", _inputs(blue=100).model_dump(), {})
    Traffic().delete(context, state)
    going = copy.deepcopy(DOCUMENT)
    going["properties"] |= {"provisioningState": "Deleting", "traffic": {"blue": 100}}
    server.on("GET", ENDPOINT, Says(body=going))
    Traffic().delete(context, state)
    assert server.calls("PUT", ENDPOINT) == []
    assert Traffic().read(context, State(f"{WORKSPACE}/onlineEndpoints/other/traffic", {}, {})) is None


def test_the_default_of_a_batch_endpoint(context: Context, server: Server) -> None:
    properties = {"authMode": "AADToken", "scoringUri": "https://x/jobs", "provisioningState": "Succeeded"}
    document = {"id": BATCH, "name": "nightly", "location": "westeurope", "properties": properties}
    endpoint = Endpoint(server, document, tagged=False)
    state = Traffic().create(context, _inputs(BATCH, main=100, other=0))
    assert endpoint.properties["defaults"] == {"deploymentName": "main"}
    assert Traffic().read(context, state) == state
    Traffic().delete(context, state)
    assert endpoint.properties["defaults"] == {"deploymentName": None}


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        (_inputs(blue=50), "traffic"),
        (_inputs(mirror={"a": 10, "b": 10}, blue=100), "mirror"),
        (_inputs(mirror={"a": 60}, blue=100), "mirror.a"),
        (_inputs(mirror={"blue": 10}, blue=100), "mirror.blue"),
        (_inputs(BATCH, mirror={"a": 10}, blue=100), "mirror"),
        (_inputs(BATCH, blue=50, green=50), "traffic"),
    ],
)
def test_what_the_platform_does_not_do_is_refused_in_the_preview(
    context: Context, inputs: TrafficInputs, path: str
) -> None:
    with pytest.raises(InputProblem) as raised:
        Traffic().check(context, inputs)
    assert raised.value.path == path
