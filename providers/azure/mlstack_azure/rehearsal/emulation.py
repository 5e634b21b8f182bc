"""The door of the provider: inputs of pulumi-azure-native in, what Azure would answer out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from mlstack.rehearsal import Change, CloudFault, Emulation, Kept, Made, Refusal, World
from mlstack.rehearsal.emulation import Properties, Wsgi
from mlstack.resource import UNKNOWN
from mlstack_azure.rehearsal import bodies, changes, ids, invoke, leftovers, models, outputs, seed
from mlstack_azure.rehearsal.cloud import DEFAULT_SUBSCRIPTION, Cloud
from mlstack_azure.rehearsal.door import Door


class AzureEmulation(Emulation):
    """Azure over one world, for what the Azure target makes."""

    packages: ClassVar[tuple[str, ...]] = ("azure-native",)
    stable: ClassVar[frozenset[str]] = outputs.STABLE
    replace_on_config: ClassVar[frozenset[str]] = frozenset({"subscriptionId", "tenantId"})

    def __init__(self, world: World, settings: Any, region: str | None) -> None:
        super().__init__(world, settings, region)
        given = getattr(settings, "subscription", None)
        usual = os.environ.get("AZURE_SUBSCRIPTION_ID") or os.environ.get("ARM_SUBSCRIPTION_ID")
        self.cloud = Cloud(world, given or usual or DEFAULT_SUBSCRIPTION, region)

    def check(self, token: str, inputs: Properties, *, known: bool) -> Iterable[Refusal]:
        try:
            type = ids.type_of(token)
        except ids.UnknownType as problem:
            return [Refusal("", str(problem), "the list of types in mlstack_azure/rehearsal/ids.py")]
        found = [Refusal(*one) for one in self.cloud.judge(type, inputs)]
        seen = {one.path for one in found}
        return [*found, *(one for one in models.judge(type, inputs) if one.path not in seen)]

    def name_property(self, token: str) -> str | None:
        type = ids.type_of(token)
        return type.own if type.made_up else None

    def change(self, token: str) -> Change:
        return changes.change(ids.type_of(token).kind)

    def promise(self, token: str, inputs: Properties) -> Properties:
        type = ids.type_of(token)
        body = bodies.to_body(type, inputs)
        try:
            id = ids.arm_id(type, inputs, self.cloud.subscription)
        except (KeyError, TypeError):
            id = "/subscriptions/s/resourceGroups/g/providers/p/t/unknown/t/unknown"
        added = _unknown(outputs.additions(type, id, _certain(body)))
        made = outputs.completed(bodies.forget(type, body), added)
        identity = made.get("identity")
        if isinstance(identity, dict) and isinstance(identity.get("userAssignedIdentities"), list):
            made["identity"] = identity | {"userAssignedIdentities": UNKNOWN}  # a map, of keys not known yet
        name = inputs.get(type.own)
        made |= {"name": name if name is not None else UNKNOWN, "type": type.arm}
        return {**inputs, **bodies.lifted(type, made), "systemData": UNKNOWN, "azureApiVersion": type.api}

    def create(self, token: str, inputs: Properties) -> Made:
        type = ids.type_of(token)
        id = self._id(type, inputs)
        if self.cloud.body(id) is not None and not _platforms(self.cloud.body(id)):
            raise CloudFault(409, "Conflict", f"cannot create already existing resource '{id}'")
        self.cloud.put(id, bodies.to_body(type, inputs))
        return self._made(id, inputs)

    def read(self, token: str, id: str, inputs: Properties) -> Made | None:
        type = ids.type_of(token)
        try:
            same = ids.parse(id)[0].kind == type.kind
        except ids.UnknownType:
            same = False
        body = self.cloud.body(id) if same else None
        if body is None:
            return None
        if not inputs:
            return self._made(id, self._imported(type, id, body))
        parameters = ids.parse(id)[1]
        expected = self.cloud.finished(type, id, bodies.to_body(type, inputs), body)
        before, after = (bodies.to_inputs(type, one, parameters) for one in (expected, body))
        return self._made(id, bodies.overlay(bodies.plain(inputs), before, after))

    def update(self, token: str, id: str, old: Properties, new: Properties) -> Made:
        type = ids.type_of(token)
        if self.cloud.body(id) is None:
            raise CloudFault(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
        self.cloud.put(id, bodies.to_body(type, new))
        return self._made(id, new)

    def delete(self, token: str, id: str, inputs: Properties) -> None:
        self.cloud.delete(id)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return invoke.answer(self.cloud, token, arguments)

    def app(self) -> Wsgi:
        return Door(self.cloud)

    def environment(self) -> Mapping[str, str]:
        names = {"SUBSCRIPTION_ID": self.cloud.subscription, "TENANT_ID": outputs.TENANT}
        return {f"{prefix}_{name}": value for prefix in ("AZURE", "ARM") for name, value in names.items()}

    def seed(self, existing: Iterable[tuple[str, Properties]]) -> None:
        seed.seed(self.cloud, self.settings, existing)

    def leftovers(self) -> Iterable[Kept]:
        return leftovers.leftovers(self.cloud)

    def _id(self, type: ids.Type, inputs: Properties) -> str:
        try:
            return ids.arm_id(type, inputs, self.cloud.subscription)
        except KeyError as missing:
            raise CloudFault(400, "MissingName", f"{type.kind} has no {missing}") from None

    def _made(self, id: str, inputs: Properties) -> Made:
        type, body = ids.parse(id)[0], self.cloud.body(id) or {}
        return Made(id, inputs, {**bodies.lifted(type, body), "azureApiVersion": type.api})

    def _imported(self, type: ids.Type, id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs for an import: what a caller can set."""
        found = bodies.to_inputs(type, body, ids.parse(id)[1])
        for holder in (found, found.get("properties")):
            if isinstance(holder, dict):
                for key in [key for key in holder if key in outputs.read_only(type.kind)]:
                    del holder[key]
        return found


def _platforms(body: Mapping[str, Any] | None) -> bool:
    """Whether the platform made it by itself (an asset's container): a create takes it over."""
    made: bool = ((body or {}).get("systemData") or {}).get("createdBy") == "platform"
    return made


def _unknown(added: Any) -> Any:
    """Values that only the apply can tell."""
    if isinstance(added, dict) and added:
        return {key: _unknown(one) for key, one in added.items()}
    return UNKNOWN


def _certain(value: Any) -> Any:
    """Without what is not known: maps lose such keys."""
    if isinstance(value, dict):
        return {key: _certain(one) for key, one in value.items() if one is not UNKNOWN}
    if isinstance(value, list):
        return [_certain(one) for one in value if one is not UNKNOWN]
    return value
