"""Jobs as they go: a step further each time that somebody looks, with outputs and a log at the end."""

from __future__ import annotations

import json
import re
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack_azure.rehearsal import ids
from mlstack_azure.rehearsal.cloud import Cloud
from mlstack_azure.rehearsal.http import etag

Body = dict[str, Any]
KIND = "machinelearningservices:Job"
_NEXT = {"NotStarted": "Queued", "Queued": "Running", "Running": "Completed", "CancelRequested": "Canceled"}
FINAL = ("Completed", "Failed", "Canceled")
_LOOSE = (
    "tags",
    "properties",
    "description",
    "displayName",
    "isArchived",
    "services",
    "status",
    "notificationSetting",
)


def submitted(cloud: Cloud, id: str, body: Body) -> tuple[Body, bool]:
    """A job, and whether it is new. The same job again is the one that is there. CloudFault: another is."""
    now = cloud.body(id)
    if now is None:
        return cloud.put(id, body), True
    old, new = now["properties"], body.get("properties") or {}
    for key, value in new.items():
        if key not in _LOOSE and value is not None and not _same(value, old.get(key)):
            raise CloudFault(
                409, "UserError", f"A job with the name {ids.last(id)} exists, with another {key}."
            )
    changed = {
        key: new[key]
        for key in ("tags", "properties", "description", "displayName", "isArchived")
        if key in new
    }
    now["properties"] = old | changed
    cloud.world.put(id, KIND, now)
    return now, False


def _same(new: Any, old: Any) -> bool:
    """Whether the job that is there is what is asked for; what the platform added is no difference."""
    if isinstance(new, dict) and isinstance(old, dict):
        return all(_same(one, old.get(key)) for key, one in new.items() if one is not None)
    return bool(new == old)


def looked_at(cloud: Cloud, id: str) -> Body | None:
    """A job, a step further on."""
    with cloud.world.transaction():
        body = cloud.body(id)
        if body is None:
            return None
        status = body["properties"]["status"]
        if status in _NEXT:
            body["properties"]["status"] = _NEXT[status]
            if _NEXT[status] == "Completed":
                _finish(cloud, body)
            cloud.world.put(str(body["id"]), KIND, body)
    return body


def cancel(cloud: Cloud, id: str) -> None:
    with cloud.world.transaction():
        body = cloud.body(id)
        if body is None:
            raise CloudFault(404, "ResourceNotFound", f"The job {ids.last(id)} was not found.")
        if body["properties"]["status"] in FINAL:
            raise CloudFault(400, "UserError", f"The job {ids.last(id)} is {body['properties']['status']}.")
        body["properties"]["status"] = "CancelRequested"
        cloud.world.put(str(body["id"]), KIND, body)


def _finish(cloud: Cloud, body: Body) -> None:
    """Outputs are written, an asset is made of each, and there is a log."""
    id, name = str(body["id"]), str(body["name"])
    workspace = str(ids.workspace_of(id))
    for key, one in (body["properties"].get("outputs") or {}).items():
        output = one if isinstance(one, dict) else {}
        default = f"azureml://datastores/workspaceblobstore/paths/azureml/{name}/{key}/"
        uri = str(output.get("uri") or default).replace("${{name}}", name)
        output["uri"] = uri
        body["properties"]["outputs"][key] = output
        kind = str(output.get("jobOutputType") or "uri_folder")
        _write(cloud, workspace, uri, kind, {"job": name, "output": key})
        _register(cloud, workspace, name, key, output, kind)
    log = f"{name}: rehearsed, nothing ran\n{body['properties'].get('command', '')}\n"
    store = "azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid."
    _write(cloud, workspace, f"{store}{name}/user_logs/std_log.txt", "uri_file", log)


def _register(cloud: Cloud, workspace: str, job: str, key: str, output: Body, kind: str) -> None:
    """The asset that the platform makes of an output; of the name that was asked for, or of its own."""
    model = kind.endswith("_model")
    name = output.get("assetName") or f"azureml_{job}_output_data_{key}"
    version = str(output.get("assetVersion") or "1")
    where = (
        f"{workspace}/{'models' if model and output.get('assetName') else 'data'}/{name}/versions/{version}"
    )
    long = f"azureml:/{workspace}" + str(output["uri"]).removeprefix("azureml:/")
    uri = output["uri"] if output["uri"].startswith("azureml://subscriptions/") else long
    if "/models/" in where:
        properties: Body = {"modelUri": uri, "modelType": kind, "jobName": job}
    else:
        data = kind if kind in ("uri_file", "mltable") else "uri_folder"
        properties = {"dataUri": uri, "dataType": data}
    if cloud.body(where) is None:
        cloud.put(where, {"properties": properties}, by="platform", checked=False)


def place(cloud: Cloud, workspace: str, uri: str) -> str | None:
    """Where a datastore's path is among the blobs: account/container/path."""
    match = re.search(r"(?:workspaces/([^/]+)/)?datastores/([^/]+)/paths/(.*)$", uri)
    store = cloud.body(f"{workspace}/datastores/{match[2]}") if match else None
    if match is None or store is None:
        return None
    inner = store["properties"]
    return f"{inner.get('accountName')}/{inner.get('containerName')}/{match[3]}"


def _write(cloud: Cloud, workspace: str, uri: str, kind: str, content: Any) -> None:
    path = place(cloud, workspace, uri)
    if path is None:
        return
    if kind != "uri_file" or path.endswith("/"):
        path = path.rstrip("/") + ("/MLmodel" if kind == "mlflow_model" else "/rehearsal.json")
    data = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    cloud.world.put_blob(path, data, {"Content-Type": "application/octet-stream", "ETag": etag(data)})
