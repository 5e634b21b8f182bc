"""What cannot be changed, what is taken, what stays when it is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.rules.base import LEARN, REST, Site, View, condition

_ML = "machinelearningservices:"
_KINDS = ("Data", "Model", "Environment", "Code", "Component")
_VERSIONS = tuple(f"{_ML}{kind}Version" for kind in _KINDS)
Now = dict[str, Any] | None

#: What may change of an asset's version: all the rest is for good.
_LOOSE = {"description", "tags", "properties", "isArchived", "stage", "autoDeleteSetting", "flavors",
          "provisioningState", "isAnonymous"}  # fmt: skip

#: Type -> (path of the input, path in the body) that the platform refuses to change in place.
_FIXED: Mapping[str, tuple[tuple[str, str], ...]] = {
    _ML + "OnlineEndpoint": (
        ("properties.authMode", "properties.authMode"), ("location", "location"),
        ("identity.type", "identity.type"), ("properties.compute", "properties.compute")),
    _ML + "BatchEndpoint": (("properties.authMode", "properties.authMode"), ("location", "location")),
    _ML + "OnlineDeployment": (("properties.endpointComputeType", "properties.endpointComputeType"),),
    _ML + "Compute": (
        ("properties.computeType", "properties.computeType"),
        ("properties.properties.vmSize", "properties.properties.vmSize"),
        ("properties.properties.vmPriority", "properties.properties.vmPriority"),
        ("properties.properties.osType", "properties.properties.osType"),
        ("properties.properties.subnet.id", "properties.properties.subnet.id"),
        ("properties.properties.enableNodePublicIp", "properties.properties.enableNodePublicIp"),
        ("properties.resourceId", "properties.resourceId"),
    ),
    _ML + "Workspace": (("storageAccount", "properties.storageAccount"), ("keyVault", "properties.keyVault"),
                        ("location", "location"), ("hbiWorkspace", "properties.hbiWorkspace")),
    "resources:ResourceGroup": (("location", "location"),),
    "storage:StorageAccount": (("location", "location"), ("isHnsEnabled", "properties.isHnsEnabled")),
    "keyvault:Vault": (("location", "location"),),
    "authorization:RoleAssignment": (("principalId", "properties.principalId"),
                                     ("roleDefinitionId", "properties.roleDefinitionId")),
    "consumption:Budget": (("timeGrain", "properties.timeGrain"),
                           ("timePeriod.startDate", "properties.timePeriod.startDate")),
    "containerservice:ManagedCluster": (("dnsPrefix", "properties.dnsPrefix"), ("location", "location")),
    "containerservice:AgentPool": (("vmSize", "properties.vmSize"),
                                   ("scaleSetPriority", "properties.scaleSetPriority"),
                                   ("osDiskSizeGB", "properties.osDiskSizeGB")),
    "kubernetesconfiguration:Extension": (("extensionType", "properties.extensionType"),),
}  # fmt: skip


def _plain(value: Any) -> Any:
    """For comparing: ids and enums without regard to case."""
    return value.lower().rstrip("/") if isinstance(value, str) else value


@condition(
    "asset-immutable",
    *_VERSIONS,
    source=LEARN + "how-to-create-data-assets: a version is immutable; clouds.md",
)
def asset(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """A version is for good: other content is another version."""
    if now is None:
        return
    old, new = now.get("properties") or {}, x.map("properties")
    for key in sorted((set(new) | set(old)) - _LOOSE):
        if key in new and _plain(new[key]) != _plain(old.get(key)):
            message = f"A version cannot be changed ({key}): {ids.last(id)} exists. Make another version."
            yield CloudFault(409, "UserError", message)


@condition(
    "fixed",
    *_FIXED,
    source=REST + "azureml; " + LEARN + "how-to-access-resources-from-endpoints-managed-"
    "identities: the identity is immutable; " + LEARN + "how-to-create-attach-compute-cluster: update",
)
def fixed(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """What the platform refuses to change in place: a new resource is needed."""
    if now is None:
        return
    body = View(now)
    for given, kept in _FIXED[ids.parse(id)[0].kind]:
        new, old = x[given], body[kept]
        if new is not None and old is not None and _plain(new) != _plain(old):
            message = f"{given} cannot be changed from {old!r} to {new!r} once the resource is made."
            yield CloudFault(409, "PropertyChangeNotAllowed", message)


@condition(
    "soft-deleted",
    _ML + "Workspace",
    "keyvault:Vault",
    "keyvault:Secret",
    source="learn.microsoft.com/azure/key-vault/general/soft-delete-overview; "
    + LEARN
    + "concept-soft-delete: a soft-deleted workspace keeps its name",
)
def soft_deleted(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """A name stays taken while what bore it is soft-deleted."""
    if now is not None or site.body(f"/softDeleted{id}") is None:
        return
    if ids.parse(id)[0].kind == "keyvault:Secret":
        message = (
            f"Secret {ids.last(id)} is currently in a deleted but recoverable state, and its name cannot be "
            "reused; in this state, the secret can only be recovered or purged."
        )
        yield CloudFault(409, "ObjectIsDeletedButRecoverable", message)
        return
    kind = "vault" if ids.parse(id)[0].kind == "keyvault:Vault" else "workspace"
    if kind == "vault" and x["properties.createMode"] == "recover":
        return
    message = (
        f"A soft-deleted {kind} has the name '{ids.last(id)}': recover it, purge it or use another name."
    )
    yield CloudFault(409, "ConflictError" if kind == "vault" else "Conflict", message)


@condition(
    "role-once",
    "authorization:RoleAssignment",
    source=REST + "authorization/role-assignments/create; "
    "learn.microsoft.com/azure/role-based-access-control/troubleshooting: RoleAssignmentExists",
)
def role_once(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    """One principal has one role on one scope once, whatever the assignment's name."""
    scope = str(ids.parse(id)[1]["scope"])
    for other in site.attached("/" + scope, "Microsoft.Authorization/roleAssignments"):
        properties = other.get("properties", {})
        same = all(
            _plain(properties.get(key)) == _plain(x[key]) is not None
            for key in ("principalId", "roleDefinitionId")
        )
        if same and other["id"].lower() != id.lower():
            yield CloudFault(409, "RoleAssignmentExists", "The role assignment already exists.")


@condition(
    "model-in-use",
    _ML + "ModelVersion",
    verb="delete",
    source=LEARN + "how-to-manage-models: a model that a deployment uses cannot be deleted",
)
def model_in_use(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    for kind in ("onlineEndpoints", "batchEndpoints"):
        for name, _ in site.children(str(ids.workspace_of(id)), kind).items():
            endpoint = f"{ids.workspace_of(id)}/{kind}/{name}"
            for deployment, body in site.children(endpoint, "deployments").items():
                model = body.get("properties", {}).get("model")
                used = model.get("assetId") if isinstance(model, dict) else model
                if _plain(used) == _plain(id):
                    yield CloudFault(
                        409, "Conflict", f"The deployment '{name}/{deployment}' uses this model."
                    )


@condition(
    "link-location",
    "network:PrivateEndpoint",
    source="learn.microsoft.com/azure/private-link/"
    "private-endpoint-overview: same region and subscription as the virtual network",
)
def link_location(site: Site, id: str, x: View, now: Now) -> Iterator[CloudFault]:
    subnet = x["subnet.id"]
    network = site.body(subnet.rsplit("/subnets/", 1)[0]) if isinstance(subnet, str) else None
    home, mine = (network or {}).get("location"), x["location"]
    if isinstance(home, str) and isinstance(mine, str) and home.lower() != mine.lower():
        yield CloudFault(
            400, "InvalidResourceReference", f"The network is in '{home}', the endpoint in '{mine}'."
        )
