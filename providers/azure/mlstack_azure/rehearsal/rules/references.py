"""What an id points at must be there: parents, groups, and whatever the inputs name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.rules.base import REST, Site, View, condition

_ML = "machinelearningservices:"
_ARM = "learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found"

#: Type -> paths of inputs that hold ids ("[]" goes through a list, "{}" through a map).
REFERENCES: Mapping[str, tuple[str, ...]] = {
    _ML + "Workspace": (
        "storageAccount", "keyVault", "applicationInsights", "containerRegistry", "hubResourceId",
        "primaryUserAssignedIdentity", "identity.userAssignedIdentities[]"),
    _ML + "Compute": (
        "properties.properties.subnet.id", "properties.resourceId", "identity.userAssignedIdentities[]"),
    _ML + "OnlineEndpoint": ("properties.compute", "identity.userAssignedIdentities[]"),
    _ML + "OnlineDeployment": (
        "properties.model", "properties.environmentId", "properties.codeConfiguration.codeId"),
    _ML + "BatchEndpoint": ("identity.userAssignedIdentities[]",),
    _ML + "BatchDeployment": (
        "properties.model.assetId", "properties.environmentId", "properties.codeConfiguration.codeId",
        "properties.compute", "properties.deploymentConfiguration.componentId.assetId"),
    _ML + "Job": (
        "properties.environmentId", "properties.codeId", "properties.computeId", "properties.componentId",
        "properties.inputs{}.uri", "properties.jobs{}.componentId", "properties.jobs{}.computeId"),
    _ML + "Schedule": (
        "properties.action.jobDefinition.environmentId", "properties.action.jobDefinition.codeId",
        "properties.action.jobDefinition.computeId", "properties.action.jobDefinition.componentId",
        "properties.action.jobDefinition.inputs{}.uri",
        "properties.action.monitorDefinition.monitoringTarget.deploymentId",
        "properties.action.monitorDefinition.monitoringTarget.modelId",
        "properties.action.monitorDefinition.signals{}.componentId"),
    _ML + "ManagedNetworkSettingsRule": ("properties.destination.serviceResourceId",),
    "applicationinsights:Component": ("workspaceResourceId",),
    "network:PrivateEndpoint": ("subnet.id", "privateLinkServiceConnections[].privateLinkServiceId"),
    "network:PrivateDnsZoneGroup": ("privateDnsZoneConfigs[].privateDnsZoneId",),
    "network:Subnet": ("networkSecurityGroup.id",),
    "privatedns:VirtualNetworkLink": ("virtualNetwork.id",),
    "authorization:RoleAssignment": ("scope",),
    "consumption:Budget": ("scope",),
    "monitor:AutoscaleSetting": ("targetResourceUri", "profiles[].rules[].metricTrigger.metricResourceUri"),
    "monitor:MetricAlert": ("scopes[]", "actions[].actionGroupId"),
    "monitor:ScheduledQueryRule": ("scopes[]", "actions.actionGroups[]"),
    "monitor:DiagnosticSetting": ("resourceUri", "workspaceId", "storageAccountId"),
    "containerservice:AgentPool": ("vnetSubnetID",),
}  # fmt: skip


def _at(value: Any, path: str) -> Iterator[Any]:
    """All values at a path."""
    head, _, rest = path.partition(".")
    name, through = head.rstrip("[]{}"), head[-2:]
    if not isinstance(value, Mapping) or name not in value:
        return
    found = value[name]
    several: list[Any] = [found]
    if through == "[]":
        several = list(found) if isinstance(found, (list, tuple)) else []
    elif through == "{}":
        several = list(found.values()) if isinstance(found, Mapping) else []
    for one in several:
        if rest:
            yield from _at(one, rest)
        else:
            yield one


def _looked_up(text: str) -> str | None:
    """The ARM id that a reference means, where it means something in this cloud."""
    if text.lower().startswith("azureml://subscriptions/"):
        match = re.match(
            r"azureml:/(/subscriptions/[^/]+/resourcegroups/[^/]+)(?:/providers/[^/]+)?/workspaces/([^/]+)/"
            r"(datastores/[^/]+|(?:data|models|environments|codes|components)/[^/]+/versions/[^/]+)",
            text,
            re.IGNORECASE,
        )
        return f"{match[1]}/providers/{ids.ML}/workspaces/{match[2]}/{match[3]}" if match else None
    return text if text.lower().startswith("/subscriptions/") else None


def exists(site: Site, text: str) -> bool:
    """Whether what a text points at is there. What is outside this cloud is taken to be."""
    id = _looked_up(text)
    if id is None or re.fullmatch(r"/subscriptions/[^/]+/?", id):
        return True
    if match := re.match(
        r"(.*/(?:environments|models|data|components)/[^/]+)/labels/latest$", id, re.IGNORECASE
    ):
        return site.body(match[1]) is not None
    try:
        ids.parse(id)
    except ids.UnknownType:
        return True
    return site.body(id) is not None


@condition("parent-exists", *ids.TYPES, source=_ARM)
def parent_exists(site: Site, id: str, x: View, now: dict[str, Any] | None) -> Iterator[CloudFault]:
    """The resource group is there, and the parent in it."""
    group = ids.group_of(id)
    if group is not None and group.lower() != id.lower() and site.body(group) is None:
        name = ids.last(group)
        yield CloudFault(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
        return
    above = ids.parent(id)
    if above and "/providers/" in above and site.body(above) is None and exists(site, above) is False:
        if above.lower().partition("/versions")[0].rpartition("/")[0].rpartition("/")[2] in _CONTAINERS:
            return  # a version makes its container
        message = (
            f"Can not perform requested operation on nested resource. Parent resource '{above}' not found."
        )
        yield CloudFault(404, "ParentResourceNotFound", message)


_CONTAINERS = ("environments", "data", "models", "codes", "components")


@condition("references-exist", *REFERENCES, source=_ARM + "; " + REST + "azureml: ids")
def references_exist(site: Site, id: str, x: View, now: dict[str, Any] | None) -> Iterator[CloudFault]:
    """Whatever the inputs name by id is there (400 from Azure ML, 404 from the resource manager)."""
    type, _ = ids.parse(id)
    for path in REFERENCES[type.kind]:
        for value in _at(x.inputs, path):
            text = f"/{value.strip('/')}" if path == "scope" and isinstance(value, str) else value
            if isinstance(text, str) and text and not exists(site, text):
                if type.kind.startswith(_ML):
                    yield CloudFault(400, "UserError", f"{path}: {text} was not found.")
                else:
                    yield CloudFault(404, "ResourceNotFound", f"{path}: The Resource '{text}' was not found.")


@condition(
    "datastore-exists",
    *(_ML + kind for kind in ("DataVersion", "ModelVersion")),
    source="learn.microsoft.com/azure/machine-learning/how-to-create-data-assets: datastore paths",
)
def datastore_exists(site: Site, id: str, x: View, now: dict[str, Any] | None) -> Iterator[CloudFault]:
    """An azureml:// path goes through a datastore that is there."""
    for key in ("dataUri", "modelUri"):
        value = x[f"properties.{key}"]
        if isinstance(value, str) and not exists(site, value):
            yield CloudFault(400, "UserError", f"properties.{key}: {value} was not found.")
