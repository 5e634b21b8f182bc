"""Where each type lives in Azure Resource Manager: token of the Pulumi type, ARM type, path of names.

The paths are those of the REST reference (learn.microsoft.com/rest/api); the names of the path's parameters
are the provider's wire names, which azure-native takes from the same specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ML = "Microsoft.MachineLearningServices"
_WS = ("workspaceName",)


@dataclass(frozen=True)
class Type:
    """``arm`` is the full ARM type; ``names`` are the properties that hold the names along its path, the
    last its own. ``scope``: "group" (in a resource group), "subscription", or the property that holds the
    id of the resource that it is attached to. ``made_up``: the provider makes up a name that is left out."""

    kind: str
    arm: str
    names: tuple[str, ...]
    scope: str = "group"
    api: str = "2025-12-01"
    made_up: bool = True

    @property
    def own(self) -> str:
        return self.names[-1]

    @property
    def parameters(self) -> tuple[str, ...]:
        """All inputs that are part of the id and not of the body."""
        if self.scope == "group":
            return ("resourceGroupName", *self.names)
        return self.names if self.scope == "subscription" else (self.scope, *self.names)

    @property
    def segments(self) -> tuple[str, ...]:
        """The collections along the path ("workspaces", "onlineEndpoints")."""
        return tuple(self.arm.split("/")[1:])

    @property
    def namespace(self) -> str:
        return self.arm.partition("/")[0]


def _ml(token: str, path: str, *names: str, made_up: bool = True) -> Type:
    return Type(f"machinelearningservices:{token}", f"{ML}/{path}", names, made_up=made_up)


_NETWORK = "2024-07-01"

_ALL = (
    Type(
        "resources:ResourceGroup",
        "Microsoft.Resources/resourceGroups",
        ("resourceGroupName",),
        "subscription",
        "2024-11-01",
    ),
    Type("storage:StorageAccount", "Microsoft.Storage/storageAccounts", ("accountName",), api="2024-01-01"),
    Type(
        "storage:BlobContainer",
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        ("accountName", "=default", "containerName"),
        api="2024-01-01",
    ),
    Type("keyvault:Vault", "Microsoft.KeyVault/vaults", ("vaultName",), api="2024-11-01"),
    Type(
        "keyvault:Secret", "Microsoft.KeyVault/vaults/secrets", ("vaultName", "secretName"), api="2024-11-01"
    ),
    Type(
        "applicationinsights:Component",
        "Microsoft.Insights/components",
        ("resourceName",),
        api="2020-02-02",
    ),
    Type(
        "operationalinsights:Workspace",
        "Microsoft.OperationalInsights/workspaces",
        ("workspaceName",),
        api="2023-09-01",
    ),
    Type(
        "containerregistry:Registry",
        "Microsoft.ContainerRegistry/registries",
        ("registryName",),
        api="2025-04-01",
    ),
    Type(
        "managedidentity:UserAssignedIdentity",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        ("resourceName",),
        api="2024-11-30",
    ),
    Type(
        "authorization:RoleAssignment",
        "Microsoft.Authorization/roleAssignments",
        ("roleAssignmentName",),
        "scope",
        "2022-04-01",
    ),
    Type(
        "network:VirtualNetwork", "Microsoft.Network/virtualNetworks", ("virtualNetworkName",), api=_NETWORK
    ),
    Type(
        "network:Subnet",
        "Microsoft.Network/virtualNetworks/subnets",
        ("virtualNetworkName", "subnetName"),
        api=_NETWORK,
    ),
    Type(
        "network:NetworkSecurityGroup",
        "Microsoft.Network/networkSecurityGroups",
        ("networkSecurityGroupName",),
        api=_NETWORK,
    ),
    Type(
        "network:PrivateEndpoint",
        "Microsoft.Network/privateEndpoints",
        ("privateEndpointName",),
        api=_NETWORK,
    ),
    Type(
        "network:PrivateDnsZoneGroup",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        ("privateEndpointName", "privateDnsZoneGroupName"),
        api=_NETWORK,
    ),
    Type(
        "privatedns:PrivateZone",
        "Microsoft.Network/privateDnsZones",
        ("privateZoneName",),
        api="2024-06-01",
    ),
    Type(
        "privatedns:VirtualNetworkLink",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        ("privateZoneName", "virtualNetworkLinkName"),
        api="2024-06-01",
    ),
    _ml("Workspace", "workspaces", "workspaceName"),
    _ml("Registry", "registries", "registryName"),
    _ml("Compute", "workspaces/computes", *_WS, "computeName"),
    _ml("EnvironmentContainer", "workspaces/environments", *_WS, "name"),
    _ml("EnvironmentVersion", "workspaces/environments/versions", *_WS, "name", "version"),
    _ml("DataContainer", "workspaces/data", *_WS, "name"),
    _ml("DataVersion", "workspaces/data/versions", *_WS, "name", "version"),
    _ml("ModelContainer", "workspaces/models", *_WS, "name"),
    _ml("ModelVersion", "workspaces/models/versions", *_WS, "name", "version"),
    _ml("CodeContainer", "workspaces/codes", *_WS, "name"),
    _ml("CodeVersion", "workspaces/codes/versions", *_WS, "name", "version"),
    _ml("ComponentContainer", "workspaces/components", *_WS, "name"),
    _ml("ComponentVersion", "workspaces/components/versions", *_WS, "name", "version"),
    _ml("Datastore", "workspaces/datastores", *_WS, "name"),
    _ml("OnlineEndpoint", "workspaces/onlineEndpoints", *_WS, "endpointName"),
    _ml("OnlineDeployment", "workspaces/onlineEndpoints/deployments", *_WS, "endpointName", "deploymentName"),
    _ml("BatchEndpoint", "workspaces/batchEndpoints", *_WS, "endpointName"),
    _ml("BatchDeployment", "workspaces/batchEndpoints/deployments", *_WS, "endpointName", "deploymentName"),
    _ml("Schedule", "workspaces/schedules", *_WS, "name"),
    _ml("Job", "workspaces/jobs", *_WS, "id"),
    _ml("WorkspaceConnection", "workspaces/connections", *_WS, "connectionName"),
    _ml("ManagedNetworkSettingsRule", "workspaces/outboundRules", *_WS, "ruleName"),
    _ml(
        "PrivateEndpointConnection",
        "workspaces/privateEndpointConnections",
        *_WS,
        "privateEndpointConnectionName",
    ),
    Type(
        "monitor:AutoscaleSetting",
        "Microsoft.Insights/autoscaleSettings",
        ("autoscaleSettingName",),
        api="2022-10-01",
    ),
    Type("monitor:MetricAlert", "Microsoft.Insights/metricAlerts", ("ruleName",), api="2018-03-01"),
    Type("monitor:ActionGroup", "Microsoft.Insights/actionGroups", ("actionGroupName",), api="2023-01-01"),
    Type(
        "monitor:ScheduledQueryRule",
        "Microsoft.Insights/scheduledQueryRules",
        ("ruleName",),
        api="2023-12-01",
    ),
    Type(
        "monitor:DiagnosticSetting",
        "Microsoft.Insights/diagnosticSettings",
        ("name",),
        "resourceUri",
        "2021-05-01-preview",
    ),
    Type("consumption:Budget", "Microsoft.Consumption/budgets", ("budgetName",), "scope", "2024-08-01"),
    Type(
        "containerservice:ManagedCluster",
        "Microsoft.ContainerService/managedClusters",
        ("resourceName",),
        api="2025-05-01",
    ),
    Type(
        "containerservice:AgentPool",
        "Microsoft.ContainerService/managedClusters/agentPools",
        ("resourceName", "agentPoolName"),
        api="2025-05-01",
    ),
    Type(
        "kubernetesconfiguration:Extension",
        "Microsoft.KubernetesConfiguration/extensions",
        ("clusterRp", "clusterResourceName", "clusterName", "extensionName"),
        api="2023-05-01",
    ),
    Type("portal:Dashboard", "Microsoft.Portal/dashboards", ("dashboardName",), api="2020-09-01-preview"),
)

TYPES: Mapping[str, Type] = {type.kind: type for type in _ALL}
_BY_ARM = {type.arm.lower(): type for type in _ALL}
_GROUP = re.compile(r"/subscriptions/([^/]+)/resourceGroups/([^/]+)", re.IGNORECASE)


class UnknownType(LookupError):  # noqa: N818 - reads as what happened
    """A type that this emulation does not know."""


def short(token: str) -> str:
    """ "azure-native:machinelearningservices/v20240401:Workspace" -> "machinelearningservices:Workspace"."""
    _, _, rest = token.partition(":")
    return re.sub(r"/v\d{8}(preview)?(?=:)", "", rest)


def type_of(token: str) -> Type:
    name = short(token)
    if name not in TYPES:
        raise UnknownType(f"the rehearsal does not know the type {token}")
    return TYPES[name]


def arm_id(type: Type, inputs: Mapping[str, Any], subscription: str) -> str:
    """The id of what these inputs name. KeyError: a name is missing."""
    if type.kind == "resources:ResourceGroup":
        return f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}"
    if type.kind == "kubernetesconfiguration:Extension":
        cluster = "/".join(inputs[name] for name in type.names[:3])
        scope = (
            f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}/providers/{cluster}"
        )
        names: tuple[str, ...] = type.names[3:]
    elif type.scope == "group":
        scope = f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}"
        names = type.names
    else:
        scope = "/" + str(inputs[type.scope]).strip("/")
        names = type.names
    values = (name[1:] if name.startswith("=") else inputs[name] for name in names)
    path = "/".join(f"{segment}/{value}" for segment, value in zip(type.segments, values, strict=True))
    return f"{scope}/providers/{type.namespace}/{path}"


def parse(id: str) -> tuple[Type, dict[str, Any]]:
    """The type of an id, and its path's parameters. UnknownType: no id of a type that is known."""
    id = "/" + id.strip("/")
    if match := re.fullmatch(_GROUP.pattern, id, re.IGNORECASE):
        return TYPES["resources:ResourceGroup"], {"resourceGroupName": match[2]}
    at = id.lower().rfind("/providers/")
    parts = id[at + len("/providers/") :].split("/") if at >= 0 else []
    type = _BY_ARM.get("/".join([*parts[:1], *parts[1::2]]).lower())
    if type is None or len(parts) % 2 == 0:
        raise UnknownType(f"{id} is no id of a resource that the rehearsal knows")
    scope, values = id[:at], parts[2::2]
    found: dict[str, Any] = {}
    if type.kind == "kubernetesconfiguration:Extension":
        found |= dict(
            zip(type.names[:2], scope[scope.lower().rfind("/providers/") + 11 :].split("/"), strict=False)
        )
        found[type.names[2]] = scope.rpartition("/")[2]
        values = [*(found[name] for name in type.names[:3]), *values]
    if type.scope == "group":
        match = _GROUP.match(scope)
        if match is None:
            raise UnknownType(f"{id} is in no resource group")
        found["resourceGroupName"] = match[2]
    else:
        found[type.scope] = scope.lstrip("/") if type.scope in ("scope", "resourceUri") else scope
    return type, found | {n: v for n, v in zip(type.names, values, strict=True) if not n.startswith("=")}


def parent(id: str) -> str | None:
    """The id of what this one lives in: its parent, else its resource group, else None."""
    id = "/" + id.strip("/")
    at = id.lower().rfind("/providers/")
    if at < 0:
        return None
    parts = id[at + len("/providers/") :].split("/")
    if len(parts) > 3:
        up = "/".join(parts[:-2])
        return (
            parent(id[:at] + "/providers/" + up)
            if up.lower().endswith("/default")
            else f"{id[:at]}/providers/{up}"
        )
    return id[:at]


def group_of(id: str) -> str | None:
    """The id of the resource group that an id is in."""
    match = _GROUP.match("/" + id.strip("/"))
    return match[0] if match else None


def workspace_of(id: str) -> str | None:
    """The id of the ML workspace that an id is in."""
    match = re.match(
        rf"(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/{ML}/workspaces/[^/]+)", id, re.I
    )
    return match[1] if match else None


def last(id: str) -> str:
    return id.rstrip("/").rpartition("/")[2]
