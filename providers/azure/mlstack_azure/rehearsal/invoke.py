"""Functions of pulumi-azure-native: keys, credentials, who is asking, and `get…` of any type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_azure.rehearsal import bodies, ids, kubeconfigs, outputs
from mlstack_azure.rehearsal.cloud import Cloud
from mlstack_azure.rehearsal.ids import TYPES, Type

Arguments = Mapping[str, Any]
_ML = "machinelearningservices:"


def _there(cloud: Cloud, type: Type, arguments: Arguments) -> tuple[str, dict[str, Any]]:
    """Id and body of what the arguments name. CloudFault 404: nothing."""
    given = dict(arguments)
    if type.kind == _ML + "Job" and "id" not in given:
        given["id"] = given.get("jobName") or given.get("name")
    id = ids.arm_id(type, given, cloud.subscription)
    body = cloud.body(id)
    if body is None:
        raise CloudFault(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
    return str(body["id"]), body


def endpoint_keys(id: str) -> dict[str, str]:
    return {"primaryKey": outputs.secret(id, "primary"), "secondaryKey": outputs.secret(id, "secondary")}


def token(id: str) -> dict[str, Any]:
    """A token of an endpoint: for AMLToken and AADToken."""
    return {
        "accessToken": outputs.secret(id, "token"),
        "tokenType": "Bearer",
        "expiryTimeUtc": 4102444800,
        "refreshAfterTimeUtc": 4102444800,
    }


def storage_keys(id: str) -> dict[str, Any]:
    made = [
        {
            "keyName": name,
            "value": outputs.secret(id, name),
            "permissions": "FULL",
            "creationTime": outputs.WHEN,
        }
        for name in ("key1", "key2")
    ]
    return {"keys": made}


def registry_credentials(id: str) -> dict[str, Any]:
    passwords = [{"name": name, "value": outputs.secret(id, name)} for name in ("password", "password2")]
    return {"username": ids.last(id), "passwords": passwords}


def workspace_keys(cloud: Cloud, id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    inner = body.get("properties") or {}
    storage, registry = inner.get("storageAccount"), inner.get("containerRegistry")
    answer: dict[str, Any] = {
        "appInsightsInstrumentationKey": outputs.guid(str(inner.get("applicationInsights")), "key")
    }
    if storage:
        answer |= {"userStorageArmId": storage, "userStorageResourceId": storage,
                   "userStorageKey": storage_keys(storage)["keys"][0]["value"]}  # fmt: skip
    if registry:
        login = {"location": body.get("location"), **registry_credentials(registry)}
        answer["containerRegistryCredentials"] = login
    return answer


def shared_keys(id: str) -> dict[str, str]:
    return {name: outputs.secret(id, name) for name in ("primarySharedKey", "secondarySharedKey")}


def datastore_secrets(id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    account = (body.get("properties") or {}).get("accountName", "")
    return {"secretsType": "AccountKey", "key": outputs.secret(account, "key1")}


_LISTS: Mapping[str, tuple[str, Callable[[Cloud, str, dict[str, Any]], dict[str, Any]]]] = {
    _ML + "listOnlineEndpointKeys": (_ML + "OnlineEndpoint", lambda cloud, id, body: _keyed(id, body)),
    _ML + "listBatchEndpointKeys": (_ML + "BatchEndpoint", lambda cloud, id, body: endpoint_keys(id)),
    _ML + "getOnlineEndpointToken": (_ML + "OnlineEndpoint", lambda cloud, id, body: token(id)),
    _ML + "listWorkspaceKeys": (_ML + "Workspace", workspace_keys),
    _ML + "listWorkspaceStorageAccountKeys": (
        _ML + "Workspace",
        lambda cloud, id, body: {"userStorageKey": workspace_keys(cloud, id, body).get("userStorageKey")},
    ),
    _ML + "listDatastoreSecrets": (_ML + "Datastore", lambda cloud, id, body: datastore_secrets(id, body)),
    "storage:listStorageAccountKeys": ("storage:StorageAccount", lambda cloud, id, body: storage_keys(id)),
    "storage:listStorageAccountSAS": (
        "storage:StorageAccount",
        lambda cloud, id, body: {"accountSasToken": f"sv=2024-11-04&sig={outputs.secret(id, 'sas')}"},
    ),
    "storage:listStorageAccountServiceSAS": (
        "storage:StorageAccount",
        lambda cloud, id, body: {"serviceSasToken": f"sv=2024-11-04&sig={outputs.secret(id, 'sas')}"},
    ),
    "containerregistry:listRegistryCredentials": (
        "containerregistry:Registry",
        lambda cloud, id, body: registry_credentials(id),
    ),
    "operationalinsights:getSharedKeys": (
        "operationalinsights:Workspace",
        lambda cloud, id, body: shared_keys(id),
    ),
    "containerservice:listManagedClusterUserCredentials": (
        "containerservice:ManagedCluster",
        lambda cloud, id, body: kubeconfigs.user(id, body),
    ),
    "containerservice:listManagedClusterAdminCredentials": (
        "containerservice:ManagedCluster",
        lambda cloud, id, body: kubeconfigs.admin(id, body),
    ),
}


def _keyed(id: str, body: Mapping[str, Any]) -> dict[str, str]:
    mode = (body.get("properties") or {}).get("authMode")
    if mode != "Key":
        raise CloudFault(400, "BadRequest", f"The endpoint's auth mode is {mode}: it has no keys.")
    return endpoint_keys(id)


def answer(cloud: Cloud, token: str, arguments: Arguments) -> dict[str, Any]:
    """What a function answers. CloudFault: it has no answer."""
    name = ids.short(token)
    if name == "authorization:getClientConfig":
        return {
            "clientId": outputs.CLIENT,
            "objectId": outputs.guid(outputs.CLIENT),
            "subscriptionId": cloud.subscription,
            "tenantId": outputs.TENANT,
        }
    if name == "authorization:getClientToken":
        return {"token": outputs.secret("client", "token")}
    if name in _LISTS:
        kind, made = _LISTS[name]
        return made(cloud, *_there(cloud, TYPES[kind], arguments))
    module, _, function = name.partition(":")
    type = TYPES.get(f"{module}:{function.removeprefix('get')}") if function.startswith("get") else None
    if type is None:
        raise CloudFault(400, "NotEmulated", f"the rehearsal does not know the function {token}")
    id, body = _there(cloud, type, arguments)
    return {"id": id, **bodies.lifted(type, body), "azureApiVersion": type.api}
