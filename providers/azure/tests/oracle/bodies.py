"""From what the SDK sends to the engine to the ARM body that the provider sends to Azure, for Azure ML's
types.

pulumi-azure-native sends what it is given, with two differences: the parts of the path (resource group,
workspace, names) are no part of the body, and arguments that ARM keeps below "properties" stand at the top
for some types (`FLAT`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ML = "azure-native:machinelearningservices:"
_PROVIDERS = "/providers/Microsoft.MachineLearningServices"

#: Type -> the arguments that are the names in its path, with the word before each.
PATHS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Workspace": (("workspaces", "workspaceName"),),
    "Registry": (("registries", "registryName"),),
    "WorkspaceConnection": (("workspaces", "workspaceName"), ("connections", "connectionName")),
    "ManagedNetworkSettingsRule": (
        ("workspaces", "workspaceName"), ("outboundRules", "ruleName"),
    ),
    "Compute": (("workspaces", "workspaceName"), ("computes", "computeName")),
    "EnvironmentVersion": (
        ("workspaces", "workspaceName"), ("environments", "name"), ("versions", "version"),
    ),
    "CodeVersion": (("workspaces", "workspaceName"), ("codes", "name"), ("versions", "version")),
    "ComponentVersion": (("workspaces", "workspaceName"), ("components", "name"), ("versions", "version")),
    "DataVersion": (("workspaces", "workspaceName"), ("data", "name"), ("versions", "version")),
    "Datastore": (("workspaces", "workspaceName"), ("datastores", "name")),
    "ModelVersion": (("workspaces", "workspaceName"), ("models", "name"), ("versions", "version")),
    **{
        f"{cls}Container": (("workspaces", "workspaceName"), (word, "name"))
        for cls, word in (
            ("Code", "codes"), ("Component", "components"), ("Data", "data"),
            ("Environment", "environments"), ("Model", "models"),
        )
    },
    "Job": (("workspaces", "workspaceName"), ("jobs", "id")),
    "OnlineEndpoint": (("workspaces", "workspaceName"), ("onlineEndpoints", "endpointName")),
    "OnlineDeployment": (
        ("workspaces", "workspaceName"), ("onlineEndpoints", "endpointName"),
        ("deployments", "deploymentName"),
    ),
    "BatchEndpoint": (("workspaces", "workspaceName"), ("batchEndpoints", "endpointName")),
    "BatchDeployment": (
        ("workspaces", "workspaceName"), ("batchEndpoints", "endpointName"),
        ("deployments", "deploymentName"),
    ),
    "Schedule": (("workspaces", "workspaceName"), ("schedules", "name")),
}  # fmt: skip

#: Type of a gap resource -> inputs that it cannot do without, beside the body: where, whose, and how it runs.
GAPS: Mapping[str, tuple[str, ...]] = {
    "mlstack:azure:Job": ("stack_uid", "name", "workspace_id"),
    "mlstack:azure:Traffic": ("endpoint_id", "stamp"),
}

#: Types whose body's "properties" the SDK spreads out, with what stays at the top of the body.
_TOP = ("location", "tags", "sku", "identity", "kind")
FLAT = frozenset({"Workspace", "Registry"})


def body(type_token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The ARM body of a resource of Azure ML."""
    cls = type_token.rpartition(":")[2]
    inputs = _identities(inputs)
    names = {argument for _, argument in PATHS[cls]} | {"resourceGroupName", "version"}
    given = {key: value for key, value in inputs.items() if key not in names}
    if cls in FLAT:
        top = {key: value for key, value in given.items() if key in _TOP}
        return top | {"properties": {key: value for key, value in given.items() if key not in _TOP}}
    return given


def arm_id(type_token: str, inputs: Mapping[str, Any], subscription: str) -> str:
    """The id that Azure gives a resource of Azure ML; a name that was left out stands as "NAME"."""
    cls = type_token.rpartition(":")[2]
    group = inputs.get("resourceGroupName") or "GROUP"
    steps = "".join(f"/{word}/{inputs.get(argument) or 'NAME'}" for word, argument in PATHS[cls])
    return f"/subscriptions/{subscription}/resourceGroups/{group}{_PROVIDERS}{steps}"


def _identities(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """User-assigned identities are a list of ids in the SDK, and a map of ids to nothing on the wire."""
    identity = inputs.get("identity")
    if isinstance(identity, Mapping) and isinstance(identity.get("userAssignedIdentities"), list):
        held = {id: {} for id in identity["userAssignedIdentities"]}
        return {**inputs, "identity": {**identity, "userAssignedIdentities": held}}
    return dict(inputs)
