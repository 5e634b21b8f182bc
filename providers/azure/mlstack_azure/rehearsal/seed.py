"""What a spec calls existing: there before the stack, and after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.cloud import Cloud
from mlstack_azure.rehearsal.outputs import TENANT, guid

_REFERENCE = re.compile(r"azureml:([^:/]+):([^:/]+)")
_NAMED = re.compile(r"(?:azureml:)?([^:/]+)(?::([^:/]+))?")
_VAULT = re.compile(r"https://([^./]+)[^/]*/keys/")
_STORE = "azureml://datastores/workspaceblobstore/paths"


def seed(cloud: Cloud, settings: Any, existing: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Have it there. Repeating changes nothing that is there."""
    found = list(existing)
    group = str(getattr(settings, "resource_group", None) or "")
    if group:
        _have(
            cloud, f"/subscriptions/{cloud.subscription}/resourceGroups/{group}", {"location": _region(cloud)}
        )
    workspace = _workspace(cloud, group, found)
    for kind, fields in found:
        name = fields.get("existing")
        vault = _VAULT.match(str(fields.get("encryption_key") or ""))
        if group and vault:
            base = f"/subscriptions/{cloud.subscription}/resourceGroups/{group}/providers"
            _have(cloud, f"{base}/Microsoft.KeyVault/vaults/{vault[1]}", {"properties": {}})
        if kind == "compute" and workspace and isinstance(name, str) and name != "auto":
            _have(cloud, f"{workspace}/computes/{name}", _cluster(cloud, fields))
        if workspace:
            for registered in _registered(fields):
                model = {"modelUri": f"{_STORE}/models/{registered[1]}", "modelType": "mlflow_model"}
                _version(cloud, workspace, "models", registered, model)
        match = _NAMED.fullmatch(str(name or ""))
        if kind in ("data", "environments") and workspace and match:
            _version(cloud, workspace, kind, match, _asset(kind, match[1], fields))
        for value in _ids(fields):
            _by_id(cloud, value)


def _version(cloud: Cloud, workspace: str, kind: str, name: re.Match[str], content: dict[str, Any]) -> None:
    """A version of an asset; where none is named, the first."""
    _have(cloud, f"{workspace}/{kind}/{name[1]}/versions/{name[2] or 1}", {"properties": content})


def _asset(kind: str, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "environments":
        return {"image": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"}
    shape = "uri_file" if fields.get("type") == "file" else "uri_folder"
    return {"dataType": shape, "dataUri": f"{_STORE}/{name}/"}


def _region(cloud: Cloud) -> str:
    return cloud.region or "westeurope"


def _have(cloud: Cloud, id: str, body: dict[str, Any]) -> None:
    """Make it if it is not there, and what it lives in before it."""
    if cloud.body(id) is not None:
        return
    above = ids.parent(id)
    if above and above.lower() != f"/subscriptions/{cloud.subscription}".lower():
        try:
            ids.parse(above)
        except ids.UnknownType:
            pass
        else:
            _have(
                cloud,
                above,
                {"location": _region(cloud)} if "/providers/" not in above else {"properties": {}},
            )
    cloud.put(id, body, by="seed", checked=False)


def _workspace(cloud: Cloud, group: str, found: list[tuple[str, Mapping[str, Any]]]) -> str | None:
    """The id of the workspace that is there, with all that it stands on."""
    for kind, fields in found:
        name = fields.get("existing")
        if kind != "workspace" or not isinstance(name, str) or name == "auto":
            continue
        if name.startswith("/subscriptions/"):
            id = name
        elif group:
            base = f"/subscriptions/{cloud.subscription}/resourceGroups/{group}"
            id = f"{base}/providers/{ids.ML}/workspaces/{name}"
        else:
            continue
        base = f"{ids.group_of(id)}/providers"
        tail = guid(id)[:8]
        parts = {
            "storageAccount": f"{base}/Microsoft.Storage/storageAccounts/seed{tail}",
            "keyVault": f"{base}/Microsoft.KeyVault/vaults/seed-{tail}",
            "applicationInsights": f"{base}/Microsoft.Insights/components/seed-{tail}",
        }
        region = {"location": _region(cloud)}
        sku = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
        _have(cloud, parts["storageAccount"], region | sku)
        vault = {
            "tenantId": TENANT,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        }
        _have(cloud, parts["keyVault"], region | {"properties": vault})
        _have(cloud, parts["applicationInsights"], region | {"kind": "web", "properties": {}})
        _have(cloud, id, region | {"identity": {"type": "SystemAssigned"}, "properties": dict(parts)})
        return id
    return None


def _cluster(cloud: Cloud, fields: Mapping[str, Any]) -> dict[str, Any]:
    size = fields.get("instance") or "Standard_DS3_v2"
    scale = {"minNodeCount": 0, "maxNodeCount": int(fields.get("max") or 4)}
    inner = {"vmSize": size, "scaleSettings": scale}
    body = {"properties": {"computeType": "AmlCompute", "properties": inner}}
    return {"location": _region(cloud), **body}


def _registered(fields: Mapping[str, Any]) -> Iterator[re.Match[str]]:
    """Registered models among the fields, those of deployments too."""
    for key, value in fields.items():
        if isinstance(value, Mapping):
            yield from _registered(value)
        elif key == "registry" and (match := _REFERENCE.fullmatch(str(value))):
            yield match


def _ids(value: Any) -> Iterable[str]:
    """All ARM ids among the fields."""
    if isinstance(value, str) and value.lower().startswith("/subscriptions/"):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _ids(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _ids(one)


def _above(id: str) -> str | None:
    """What an id is below, as long as that is a resource of a provider."""
    above = id.rpartition("/")[0].rpartition("/")[0]
    return above if "/providers/" in above else None


def _by_id(cloud: Cloud, id: str) -> None:
    try:
        type, _ = ids.parse(id)
    except ids.UnknownType:
        # A key is not emulated, the vault that it is in is.
        if above := _above(id):
            _by_id(cloud, above)
        return
    body: dict[str, Any] = {"properties": {}}
    if type.kind == "storage:StorageAccount":
        body = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    elif type.kind == "containerregistry:Registry":
        body = {"sku": {"name": "Premium"}, "properties": {}}
    if type.kind != "machinelearningservices:Workspace":
        _have(cloud, id, body)
