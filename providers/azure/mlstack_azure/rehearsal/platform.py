"""What the platform does by itself when a resource comes or goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlstack_azure.rehearsal import ids, outputs
from mlstack_azure.rehearsal.ids import Type

if TYPE_CHECKING:
    from mlstack_azure.rehearsal.cloud import Cloud

Body = dict[str, Any]
_ML = "machinelearningservices:"


def after_put(cloud: Cloud, type: Type, id: str, body: Body, now: Body | None) -> None:
    if type.kind == _ML + "Workspace" and now is None:
        _datastores(cloud, id, body)
    elif type.kind.startswith(_ML) and type.kind.endswith("Version"):
        _container(cloud, type, id)
    elif type.kind == "network:PrivateEndpoint":
        _connections(cloud, id, body)
    elif type.kind == "monitor:AutoscaleSetting":
        _scaled(cloud, body)
    elif type.kind == _ML + "OnlineDeployment":
        for one in cloud.attached(id, "Microsoft.Insights/autoscaleSettings"):
            _scaled(cloud, one)
    elif type.kind == "network:VirtualNetwork":
        _subnets(cloud, id, body)


def after_delete(cloud: Cloud, kind: str, id: str, body: Body) -> None:
    if kind == "storage:BlobContainer":
        account = id.split("/")[8]
        for path in cloud.world.blobs(f"{account}/{ids.last(id)}/"):
            cloud.world.remove_blob(path)
    elif kind == _ML + "OnlineDeployment":
        _untraffic(cloud, id)
    elif kind == "network:Subnet":
        network = str(ids.parent(id))
        above = cloud.body(network)
        if above is not None:
            kept = [one for one in above["properties"].get("subnets", []) if one.get("name") != ids.last(id)]
            above["properties"]["subnets"] = kept
            cloud.world.put(network, "network:VirtualNetwork", above)


def containers(workspace: str) -> dict[str, str]:
    """The datastores that come with a workspace, and their containers."""
    number = outputs.guid(workspace, "workspace")
    return {
        "workspaceblobstore": f"azureml-blobstore-{number}",
        "workspaceartifactstore": "azureml",
        "workspaceworkingdirectory": f"code-{number}",
        "workspacefilestore": f"azureml-filestore-{number}",
    }


def _datastores(cloud: Cloud, workspace: str, body: Body) -> None:
    """A workspace comes with datastores over its storage account
    (learn.microsoft.com/azure/machine-learning/concept-data: datastores)."""
    storage = body["properties"].get("storageAccount")
    if not storage:
        return
    for name, container in containers(workspace).items():
        shares = name in ("workspacefilestore", "workspaceworkingdirectory")
        place = {"fileShareName": container} if shares else {"containerName": container}
        identity = body["properties"].get("systemDatastoresAuthMode") == "Identity"
        properties = {
            "datastoreType": "AzureFile" if shares else "AzureBlob",
            "credentials": {"credentialsType": "None" if identity else "AccountKey"},
            "accountName": ids.last(storage),
            "subscriptionId": storage.split("/")[2],
            "resourceGroup": ids.last(str(ids.group_of(storage))),
            "isDefault": name == "workspaceblobstore",
            **place,
        }
        store = f"{workspace}/datastores/{name}"
        cloud.put(store, {"properties": properties}, by="platform", checked=False)
        if not shares and cloud.body(storage) is not None:
            blobs = f"{storage}/blobServices/default/containers/{container}"
            cloud.put(blobs, {"properties": {}}, by="platform", checked=False)


def _container(cloud: Cloud, type: Type, id: str) -> None:
    """A version makes its container when there is none, and counts there."""
    above = id.rpartition("/versions/")[0]
    container = cloud.body(above)
    if container is None:
        container = cloud.put(above, {"properties": {}}, by="platform", checked=False)
        if type.kind == _ML + "DataVersion":
            made = cloud.body(id) or {}
            container["properties"]["dataType"] = made.get("properties", {}).get("dataType")
    version = ids.last(id)
    container["properties"]["latestVersion"] = version
    container["properties"]["nextVersion"] = str(int(version) + 1) if version.isdigit() else None
    cloud.world.put(above, ids.parse(above)[0].kind, container)


def _connections(cloud: Cloud, id: str, body: Body) -> None:
    """A private endpoint shows at its target as a connection, approved where it is one's own."""
    for link in body["properties"].get("privateLinkServiceConnections") or []:
        target = str(link.get("properties", {}).get("privateLinkServiceId", ""))
        if f"/{ids.ML.lower()}/workspaces/" not in target.lower() or cloud.body(target) is None:
            continue
        connection = f"{target}/privateEndpointConnections/{ids.last(id)}.{outputs.guid(id)}"
        properties = {
            "privateEndpoint": {"id": id},
            "privateLinkServiceConnectionState": {"status": "Approved", "description": "Auto-Approved"},
        }
        cloud.put(connection, {"properties": properties}, by="platform", checked=False)


def _scaled(cloud: Cloud, setting: Body) -> None:
    """Autoscale moves a deployment's instances into its bounds: the count in the spec is no longer the count
    (clouds.md: sku under autoscale)."""
    properties = setting["properties"]
    target = str(properties.get("targetResourceUri") or "")
    deployment = cloud.body(target)
    if deployment is None or not properties.get("enabled", True) or "sku" not in deployment:
        return
    capacity = (properties.get("profiles") or [{}])[0].get("capacity") or {}
    try:
        low, high = int(capacity["minimum"]), int(capacity["maximum"])
    except (KeyError, ValueError):
        return
    count = deployment["sku"].get("capacity") or low
    deployment["sku"]["capacity"] = min(max(count, low), high)
    cloud.world.put(target, _ML + "OnlineDeployment", deployment)


def _untraffic(cloud: Cloud, id: str) -> None:
    """A deployment that is gone is gone from the split, where it stood with 0."""
    above = str(ids.parent(id))
    endpoint = cloud.body(above)
    if endpoint is None:
        return
    for key in ("traffic", "mirrorTraffic"):
        (endpoint["properties"].get(key) or {}).pop(ids.last(id), None)
    cloud.world.put(above, _ML + "OnlineEndpoint", endpoint)


def _subnets(cloud: Cloud, id: str, body: Body) -> None:
    """Subnets given inside a network are resources of their own."""
    for one in body["properties"].get("subnets") or []:
        if isinstance(one, dict) and one.get("name"):
            content = {"properties": dict(one.get("properties") or {})}
            cloud.put(f"{id}/subnets/{one['name']}", content, checked=False)
