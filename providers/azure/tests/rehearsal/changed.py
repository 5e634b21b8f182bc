"""A change of each type that the platform makes in place."""

from __future__ import annotations

from typing import Any

from .estate import CRON, ESTATE

#: Short token -> a change that the platform makes in place.
CHANGES: dict[str, dict[str, Any]] = {
    "storage:BlobContainer": {"metadata": {"a": "b"}},
    "keyvault:Secret": {"properties": {"value": "hidden", "contentType": "text/plain"}},
    "authorization:RoleAssignment": {"description": "why"},
    "network:Subnet": {"serviceEndpoints": [{"service": "Microsoft.Storage"}]},
    "network:PrivateDnsZoneGroup": {"privateDnsZoneConfigs": []},
    "machinelearningservices:PrivateEndpointConnection": {
        "privateLinkServiceConnectionState": {"status": "Rejected", "description": "no"}
    },
    "machinelearningservices:ManagedNetworkSettingsRule": {
        "properties": {"type": "FQDN", "destination": "conda.anaconda.org"}
    },
    "machinelearningservices:WorkspaceConnection": {
        "properties": {
            "authType": "PAT",
            "category": "PythonFeed",
            "target": "https://example.org",
            "credentials": {"pat": "hidden"},
        }
    },
    "machinelearningservices:Schedule": {
        "properties": {
            **ESTATE["machinelearningservices:Schedule"]["properties"],
            "trigger": {**CRON, "expression": "0 4 * * *"},
        }
    },
    "monitor:DiagnosticSetting": {"logs": [{"category": "AmlComputeClusterEvent", "enabled": True}]},
    "consumption:Budget": {"amount": 600.0},
    "containerservice:AgentPool": {"maxCount": 3.0},
    "kubernetesconfiguration:Extension": {"releaseTrain": "Preview"},
}


def changed(kind: str) -> dict[str, Any]:
    """The inputs of a type, changed in a way that needs no new resource."""
    inputs = ESTATE[kind]
    if kind in CHANGES:
        return inputs | CHANGES[kind]
    properties = inputs.get("properties")
    below = kind.startswith("machinelearningservices:") and "location" not in inputs
    if below and isinstance(properties, dict):
        return inputs | {"properties": properties | {"tags": {"changed": "yes"}}}
    return inputs | {"tags": {"changed": "yes"}}
