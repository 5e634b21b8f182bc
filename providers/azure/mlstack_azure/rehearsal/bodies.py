"""From the provider's inputs to the ARM body that it sends, and back.

azure-native takes path parameters out of the inputs, and for most types lifts what ARM keeps below
``properties`` to the top (it follows x-ms-client-flatten of the REST specification). A type whose SDK class
has an input ``properties`` is not lifted. Renamed inputs are those of the specification's x-ms-client-name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.resource import UNKNOWN
from mlstack_azure.rehearsal.ids import Type

_ENVELOPE = frozenset(
    {"location", "tags", "identity", "sku", "kind", "plan", "extendedLocation", "managedBy", "etag", "eTag"}
)
_READ_ONLY = frozenset({"id", "name", "type", "systemData"})
_KEPT = frozenset({"id", "name", "etag", "type"})

#: Types whose SDK class has the input ``properties``, so that nothing is lifted (pulumi-azure-native 3.29.0).
_WHOLE = frozenset(
    {"resources:ResourceGroup", "keyvault:Vault", "keyvault:Secret", "portal:Dashboard"}
    | {
        f"machinelearningservices:{name}"
        for name in (
            "Compute",
            *(f"{kind}{part}" for kind in ("Environment", "Data", "Model", "Code", "Component")
              for part in ("Container", "Version")),
            "Datastore",
            "OnlineEndpoint",
            "OnlineDeployment",
            "BatchEndpoint",
            "BatchDeployment",
            "Schedule",
            "Job",
            "WorkspaceConnection",
            "ManagedNetworkSettingsRule",
        )
    }
)  # fmt: skip

#: Inputs that are named otherwise in the body, below ``properties``.
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "storage:StorageAccount": {
        "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
        "networkRuleSet": "networkAcls",
        "enableNfsV3": "isNfsV3Enabled",
    },
    "applicationinsights:Component": {
        "applicationType": "Application_Type",
        "flowType": "Flow_Type",
        "requestSource": "Request_Source",
        "hockeyAppId": "HockeyAppId",
        "samplingPercentage": "SamplingPercentage",
        "disableIpMasking": "DisableIpMasking",
        "immediatePurgeDataOn30Days": "ImmediatePurgeDataOn30Days",
        "workspaceResourceId": "WorkspaceResourceId",
        "ingestionMode": "IngestionMode",
        "disableLocalAuth": "DisableLocalAuth",
        "forceCustomerStorageForProfiler": "ForceCustomerStorageForProfiler",
        "retentionInDays": "RetentionInDays",
    },
}

#: Top-level inputs that ARM keeps below ``properties`` although their name is one of the envelope's.
_BELOW: Mapping[str, frozenset[str]] = {"operationalinsights:Workspace": frozenset({"sku"})}

#: Lists whose items are lifted too.
_ITEMS: Mapping[str, tuple[str, ...]] = {
    "network:VirtualNetwork": ("subnets", "virtualNetworkPeerings"),
    "network:NetworkSecurityGroup": ("securityRules",),
    "network:PrivateEndpoint": ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections"),
    "network:PrivateDnsZoneGroup": ("privateDnsZoneConfigs",),
    "network:Subnet": ("delegations",),
    "machinelearningservices:Workspace": ("sharedPrivateLinkResources",),
}

#: What the platform takes and never gives back: not kept.
_WRITE_ONLY: Mapping[str, tuple[str, ...]] = {
    "keyvault:Secret": ("properties.value",),
    "machinelearningservices:Datastore": ("properties.credentials.secrets",),
    "machinelearningservices:WorkspaceConnection": ("properties.credentials",),
    "machinelearningservices:OnlineEndpoint": ("properties.keys",),
    "machinelearningservices:Compute": ("properties.properties.userAccountCredentials.adminUserPassword",),
    "kubernetesconfiguration:Extension": ("properties.configurationProtectedSettings",),
    "containerservice:ManagedCluster": ("properties.servicePrincipalProfile.secret",),
}


def plain(value: Any) -> Any:
    """Whole numbers as integers: all numbers of the wire are floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def without(body: dict[str, Any], path: str) -> None:
    """Take a value out, in place."""
    *above, last = path.split(".")
    for key in above:
        body = body.get(key)  # type: ignore[assignment]
        if not isinstance(body, dict):
            return
    body.pop(last, None)


def to_body(type: Type, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The body that is put for these inputs. Unknown values stay where they are."""
    given = {key: plain(one) for key, one in inputs.items() if key not in type.parameters and one is not None}
    if type.kind in _WHOLE:
        body = given
    else:
        renamed, below = _RENAMED.get(type.kind, {}), _BELOW.get(type.kind, frozenset())
        top = _ENVELOPE | (_KEPT if type.kind.startswith("network:") else frozenset())
        body = {key: one for key, one in given.items() if key in top and key not in below}
        inner = {renamed.get(key, key): one for key, one in given.items() if key not in body}
        for key in _ITEMS.get(type.kind, ()):
            if isinstance(inner.get(key), list):
                inner[key] = [_lower(one) for one in inner[key]]
        body["properties"] = inner
    identity = body.get("identity")
    if isinstance(identity, dict) and isinstance(identity.get("userAssignedIdentities"), list):
        names = identity["userAssignedIdentities"]
        if not any(one is UNKNOWN for one in names):
            body["identity"] = identity | {"userAssignedIdentities": {one: {} for one in names}}
    return body


def to_inputs(type: Type, body: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that a body stands for, with the path's parameters: the other way of `to_body`.

    What is read-only below ``properties`` is lifted with the rest.
    """
    top = {key: one for key, one in body.items() if key not in _READ_ONLY and key != "properties"}
    if type.kind in _WHOLE:
        found = top | ({"properties": body["properties"]} if "properties" in body else {})
    else:
        known: dict[str, str] = {there: here for here, there in _RENAMED.get(type.kind, {}).items()}
        inner = dict(body.get("properties") or {})
        for key in _ITEMS.get(type.kind, ()):
            if isinstance(inner.get(key), list):
                inner[key] = [_lift(one) for one in inner[key]]
        found = top | {str(known.get(key, key)): one for key, one in inner.items()}
    identity = found.get("identity")
    if isinstance(identity, dict) and isinstance(identity.get("userAssignedIdentities"), dict):
        found["identity"] = identity | {"userAssignedIdentities": list(identity["userAssignedIdentities"])}
    if type.kind == "machinelearningservices:Job":
        found.pop("id", None)
    return found | dict(parameters)


def lifted(type: Type, body: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of the provider for a body: as inputs, with what only the platform says."""
    found = to_inputs(type, body, {})
    if isinstance(body.get("identity"), dict):
        found["identity"] = dict(body["identity"])
    return found | {key: body[key] for key in ("name", "type", "systemData") if key in body}


def forget(type: Type, body: dict[str, Any]) -> dict[str, Any]:
    """Without what the platform keeps to itself."""
    for path in _WRITE_ONLY.get(type.kind, ()):
        without(body, path)
    return body


def _lower(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    above = {key: one for key, one in item.items() if key in _KEPT}
    return above | {"properties": {key: one for key, one in item.items() if key not in _KEPT}}


def _lift(item: Any) -> Any:
    if not isinstance(item, dict) or not isinstance(item.get("properties"), dict):
        return item
    return {key: one for key, one in item.items() if key != "properties"} | item["properties"]


def overlay(inputs: Any, expected: Any, actual: Any) -> Any:
    """The inputs as they would have to be for what is there now: the old ones, changed where ``actual``
    differs from what they would have led to (``expected``). So defaults of the platform are no drift."""
    if not (isinstance(expected, dict) and isinstance(actual, dict)):
        return inputs if expected == actual else actual
    result = dict(inputs) if isinstance(inputs, Mapping) else {}
    for key in {**expected, **actual}:
        if key not in actual:
            result.pop(key, None)
        elif key not in expected:
            result[key] = actual[key]
        elif expected[key] != actual[key]:
            result[key] = overlay(result.get(key), expected[key], actual[key])
    return result
