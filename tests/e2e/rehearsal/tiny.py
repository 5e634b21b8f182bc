"""A cloud of five types, enough to drive the rehearsal with the real SDK classes of azure-native."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from mlstack.rehearsal import Change, CloudFault, Emulation, Kept, Made, Refusal
from mlstack.resource import UNKNOWN

ML = "azure-native:machinelearningservices:"
GROUP = "azure-native:resources:ResourceGroup"
ACCOUNT = "azure-native:storage:StorageAccount"
ENDPOINT = f"{ML}OnlineEndpoint"
DEPLOYMENT = f"{ML}OnlineDeployment"
CONNECTION = f"{ML}WorkspaceConnection"

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
_NAMES = {
    GROUP: "resourceGroupName",
    ACCOUNT: "accountName",
    ENDPOINT: "endpointName",
    DEPLOYMENT: "deploymentName",
    CONNECTION: "connectionName",
}


class Tiny(Emulation):
    packages = ("azure-native",)
    stable = frozenset({"name", "location"})
    replace_on_config = frozenset({"subscriptionId"})

    def check(self, token: str, inputs: Any, *, known: bool) -> Iterable[Refusal]:
        properties = inputs.get("properties")
        if token == DEPLOYMENT and isinstance(properties, dict) and properties.get("instanceType") == "big":
            yield Refusal(
                "properties.instanceType", "no such size; did you mean 'Standard_DS3_v2'?", "a page"
            )

    def name_property(self, token: str) -> str | None:
        return _NAMES.get(token)

    def change(self, token: str) -> Change:
        own = {GROUP, ACCOUNT}
        paths = {_NAMES[token], "location", "resourceGroupName", "workspaceName", "endpointName"}
        if token == ENDPOINT:
            paths.add("properties.authMode")
        return Change(frozenset(paths), delete_before_replace=token not in own)

    def promise(self, token: str, inputs: Any) -> Any:
        promised = {**inputs, "name": UNKNOWN}
        if token == ENDPOINT and isinstance(inputs.get("properties"), dict):
            promised["properties"] = {**inputs["properties"], "scoringUri": UNKNOWN}
        return promised

    def create(self, token: str, inputs: Any) -> Made:
        id = self.id(token, inputs)
        with self.world.transaction():
            if self.world.get(id) is not None:
                raise CloudFault(409, "Conflict", f"cannot create already existing resource '{id}'")
            made = self._put(id, token, inputs)
        if inputs.get("tags", {}).get("half"):
            raise CloudFault(400, "BadImage", f"{id} has come to nothing", partial=made)
        return made

    def read(self, token: str, id: str, inputs: Any) -> Made | None:
        held = self.world.get(id)
        return None if held is None else self._made(id, token, held["inputs"])

    def update(self, token: str, id: str, old: Any, new: Any) -> Made:
        if self.world.get(id) is None:
            raise CloudFault(404, "ResourceNotFound", f"{id} is not there")
        return self._put(id, token, new)

    def delete(self, token: str, id: str, inputs: Any) -> None:
        self.world.remove(id)

    def invoke(self, token: str, arguments: Any) -> Any:
        if token == f"{ML}listOnlineEndpointKeys":
            return {"primaryKey": "first-key", "secondaryKey": "second-key"}
        raise CloudFault(404, "NoAnswer", f"no answer for {token}")

    def app(self) -> Callable[..., Iterable[bytes]]:
        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if path == "/broken":
                raise KeyError("what")
            if environ["REQUEST_METHOD"] == "PUT":
                body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                self.world.put(path, "http", {"inputs": json.loads(body)})
            held = self.world.get(path)
            start("200 OK" if held else "404 Not Found", [("Content-Type", "application/json")])
            return [json.dumps(held).encode()]

        return answer

    def environment(self) -> dict[str, str]:
        return {"ARM_SUBSCRIPTION_ID": SUBSCRIPTION}

    def seed(self, existing: Iterable[tuple[str, Any]]) -> None:
        for kind, fields in existing:
            self.world.put(f"/seeded/{kind}/{fields['existing']}", "seeded", {})

    def leftovers(self) -> Iterable[Kept]:
        for id, kind, _ in self.world.under():
            if kind != "seeded":
                yield Kept(id, "soft-deleted for 14 days" if kind == "ghost" else "")

    @staticmethod
    def id(token: str, inputs: Any) -> str:
        group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{inputs.get('resourceGroupName')}"
        kind = token.rpartition(":")[2]
        above = f"/onlineEndpoints/{inputs['endpointName']}" if token == DEPLOYMENT else ""
        return group if token == GROUP else f"{group}{above}/{kind}/{inputs[_NAMES[token]]}"

    def _put(self, id: str, token: str, inputs: Any) -> Made:
        self.world.put(id, token, {"inputs": dict(inputs)})
        return self._made(id, token, inputs)

    def _made(self, id: str, token: str, inputs: Any) -> Made:
        name = id.rpartition("/")[2]
        outputs = {**inputs, "name": name, "type": f"Tiny/{token.rpartition(':')[2]}"}
        if token == ENDPOINT:
            outputs["properties"] = {**inputs["properties"], "scoringUri": f"https://{name}.example/score"}
        return Made(id, inputs, outputs)
