"""What is asked by POST of a resource: keys, tokens, logs, cancelling, places to upload to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_azure.rehearsal import bodies, ids, invoke, jobruns, kubeconfigs, operations, outputs
from mlstack_azure.rehearsal.cloud import Cloud

Action = Callable[[Cloud, Request, str, dict[str, Any]], Answer]
_ML = "machinelearningservices:"


def _said(value: Any) -> Action:
    return lambda cloud, request, id, body: Answer.json(200, value(cloud, id, body))


def _endpoint_keys(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    mode = body["properties"].get("authMode")
    if mode != "Key":
        raise CloudFault(400, "BadRequest", f"The endpoint's auth mode is {mode}: it has no keys.")
    return Answer.json(200, invoke.endpoint_keys(id))


def _token(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    if body["properties"].get("authMode") == "Key":
        raise CloudFault(400, "BadRequest", "The endpoint's auth mode is Key: it has no tokens.")
    return Answer.json(200, invoke.token(id))


def _later(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    """Accepted, and done when it is asked for again."""
    return Answer(202, b"", operations.begin(cloud, request, id))


def _cancel(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    jobruns.cancel(cloud, id)
    return _later(cloud, request, id, body)


def _logs(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    asked = request.json()
    lines = [f"{outputs.WHEN} {ids.last(id)}: rehearsed, no container runs", f"{outputs.WHEN} ready"]
    tail = asked.get("tail")
    kept = lines[-int(tail) :] if isinstance(tail, (int, float)) and tail else lines
    return Answer.json(200, {"content": "\n".join(kept) + "\n"})


def _upload(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    """A place to upload an asset's files to: startPendingUpload of the REST reference."""
    workspace = str(ids.workspace_of(id))
    store = cloud.body(f"{workspace}/datastores/workspaceblobstore") or {}
    inner = store.get("properties") or {}
    account, container = inner.get("accountName"), f"{outputs.guid(id)[:8]}-{outputs.guid(id, 'upload')}"
    for one in cloud.of("storage:StorageAccount"):
        if one["name"] == account:
            place = f"{one['id']}/blobServices/default/containers/{container}"
            cloud.put(place, {"properties": {}}, by="platform", checked=False)
    uri = f"https://{account}.blob.core.windows.net/{container}"
    sas = f"{uri}?sv=2024-11-04&sig={outputs.secret(id, 'sas')}"
    credential = {"credentialType": "SAS", "sasUri": sas}
    reference = {"blobUri": uri, "storageAccountArmId": "", "credential": credential}
    return Answer.json(
        200,
        {
            "blobReferenceForConsumption": reference,
            "pendingUploadId": None,
            "pendingUploadType": "TemporaryBlobReference",
        },
    )


def _power(state: str) -> Action:
    def act(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
        inner = body["properties"].get("properties") or {}
        if body["properties"].get("computeType") != "ComputeInstance":
            raise CloudFault(400, "BadRequest", "Only a compute instance can be started or stopped.")
        body["properties"]["properties"] = inner | {"state": state}
        cloud.world.put(id, _ML + "Compute", body)
        return _later(cloud, request, id, body)

    return act


def _nodes(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    count = ((body["properties"].get("properties") or {}).get("scaleSettings") or {}).get("minNodeCount") or 0
    return Answer.json(
        200, {"nodes": [{"nodeId": f"tvmps_{at}", "nodeState": "idle"} for at in range(count)]}
    )


def _triggered(cloud: Cloud, request: Request, id: str, body: dict[str, Any]) -> Answer:
    """A schedule, once and now. Form of the answer: azure-ai-ml, ``ScheduleTriggerResult``."""
    properties = body["properties"]
    if properties.get("isEnabled") is False:
        raise CloudFault(400, "UserError", f"Schedule {ids.last(id)} is disabled and cannot be triggered.")
    action = (properties.get("action") or {}).get("actionType")
    return Answer.json(
        200, {"submissionId": f"{ids.last(id)}-{uuid4()}", "scheduleActionType": action or "CreateJob"}
    )


_NO_KEYS = _said(lambda cloud, id, body: {})

#: Type -> action in lower case -> what answers it.
_ACTIONS: Mapping[str, Mapping[str, Action]] = {
    _ML + "OnlineEndpoint": {"listkeys": _endpoint_keys, "token": _token, "regeneratekeys": _later},
    _ML + "BatchEndpoint": {"listkeys": _said(lambda cloud, id, body: invoke.endpoint_keys(id))},
    _ML + "OnlineDeployment": {
        "getlogs": _logs,
        "skus": _said(lambda cloud, id, body: {"value": []}),
    },
    _ML + "Job": {"cancel": _cancel},
    _ML + "Schedule": {"trigger": _triggered},
    _ML + "Workspace": {
        "listkeys": _said(invoke.workspace_keys),
        "liststorageaccountkeys": _said(
            lambda cloud, id, body: {
                "userStorageKey": invoke.workspace_keys(cloud, id, body).get("userStorageKey")
            }
        ),
        "listnotebookkeys": _said(
            lambda cloud, id, body: {
                "primaryAccessKey": outputs.secret(id, "notebook"),
                "secondaryAccessKey": outputs.secret(id, "notebook2"),
            }
        ),
        "resynckeys": _later,
        "diagnose": _said(lambda cloud, id, body: {"value": {}}),
        "provisionmanagednetwork": _later,
    },
    _ML + "Datastore": {"listsecrets": _said(lambda cloud, id, body: invoke.datastore_secrets(id, body))},
    _ML + "WorkspaceConnection": {"listsecrets": _said(lambda cloud, id, body: body)},
    _ML + "Compute": {
        "start": _power("Running"),
        "stop": _power("Stopped"),
        "restart": _power("Running"),
        "listnodes": _nodes,
        "listkeys": _NO_KEYS,
    },
    "storage:StorageAccount": {
        "listkeys": _said(lambda cloud, id, body: invoke.storage_keys(id)),
        "listaccountsas": _said(
            lambda cloud, id, body: {"accountSasToken": f"sv=2024-11-04&sig={outputs.secret(id, 'sas')}"}
        ),
    },
    "containerregistry:Registry": {
        "listcredentials": _said(lambda cloud, id, body: invoke.registry_credentials(id)),
    },
    "operationalinsights:Workspace": {"sharedkeys": _said(lambda cloud, id, body: invoke.shared_keys(id))},
    "containerservice:ManagedCluster": {
        "listclusterusercredential": _said(lambda cloud, id, body: kubeconfigs.user(id, body)),
        "listclusteradmincredential": _said(lambda cloud, id, body: kubeconfigs.admin(id, body)),
    },
}


def act(cloud: Cloud, request: Request) -> Answer:
    """The answer to a POST. CloudFault: there is no such resource or action."""
    id, _, action = request.path.rstrip("/").rpartition("/")
    try:
        type, _ = ids.parse(id)
    except ids.UnknownType:
        raise CloudFault(
            404, "InvalidResourceType", f"{request.path} is no action of a known resource."
        ) from None
    if action.lower() in ("startpendingupload", "createorgetstartpendingupload"):
        return _upload(cloud, request, id, {})
    body = cloud.body(id)
    if body is None:
        raise CloudFault(404, "ResourceNotFound", f"The Resource '{id}' was not found.")
    found = _ACTIONS.get(type.kind, {}).get(action.lower())
    if found is None:
        raise CloudFault(404, "InvalidResourceType", f"{type.kind} has no action {action!r}.")
    return found(cloud, request, str(body["id"]), bodies.plain(body))
