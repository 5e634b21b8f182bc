"""The data plane of endpoints: a small echo, behind the same keys as on the platform.

A scoring address reads here /score/<endpoint> (online) and /score/<endpoint>/jobs (batch).
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from mlstack.rehearsal import CloudFault
from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_azure.rehearsal import ids, jobruns, outputs
from mlstack_azure.rehearsal.cloud import Cloud
from mlstack_azure.rehearsal.invoke import endpoint_keys

_ONLINE, _BATCH = "machinelearningservices:OnlineEndpoint", "machinelearningservices:BatchEndpoint"


def address(base: str, body: dict[str, Any]) -> str:
    """Where this door answers for an endpoint."""
    batch = "/batchEndpoints/" in body["id"]
    return f"{base}/score/{body['name']}" + ("/jobs" if batch else "")


def serve(cloud: Cloud, request: Request) -> Answer:
    name, _, rest = request.path.removeprefix("/score/").partition("/")
    batch = rest.strip("/") == "jobs"
    found = [one for one in cloud.of(_BATCH if batch else _ONLINE) if one["name"] == name]
    if not found:
        raise CloudFault(404, "NotFound", f"There is no endpoint {name!r}.")
    return _batch(cloud, request, found[0]) if batch else _online(cloud, request, found[0])


def _online(cloud: Cloud, request: Request, endpoint: dict[str, Any]) -> Answer:
    _known(request, endpoint)
    there = cloud.children(endpoint["id"], "deployments")
    traffic = endpoint["properties"].get("traffic") or {}
    asked = request.headers.get("azureml-model-deployment")
    if asked and asked not in there:
        return Answer.json(404, {"error": f"There is no deployment {asked!r}."})
    live = sorted((name for name in there if traffic.get(name)), key=lambda name: -traffic[name])
    if not asked and not live:
        return Answer.json(404, {"error": "No deployment of the endpoint has traffic."})
    try:
        given: Any = json.loads(request.content) if request.content else None
    except ValueError:
        given = request.content.decode("utf-8", "replace")
    name = asked or live[0]
    answer = {"rehearsal": True, "endpoint": endpoint["name"], "deployment": name, "input": given}
    return Answer.json(200, answer, {"azureml-model-deployment": name, "x-request-id": str(uuid.uuid4())})


def _known(request: Request, endpoint: dict[str, Any]) -> None:
    """The caller has a key, where the endpoint has keys; any token otherwise."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise CloudFault(401, "Unauthorized", "The request has no bearer token.")
    if (
        endpoint["properties"].get("authMode") == "Key"
        and token not in endpoint_keys(endpoint["id"]).values()
    ):
        raise CloudFault(401, "Unauthorized", "The key is not one of the endpoint's.")


def _batch(cloud: Cloud, request: Request, endpoint: dict[str, Any]) -> Answer:
    """An invocation makes a job."""
    there = cloud.children(endpoint["id"], "deployments")
    default = (endpoint["properties"].get("defaults") or {}).get("deploymentName")
    name = request.headers.get("azureml-model-deployment") or default
    if name not in there:
        return Answer.json(
            404, {"error": {"code": "UserError", "message": f"There is no deployment {name!r}."}}
        )
    job = f"batchjob-{uuid.uuid4()}"
    id = f"{ids.workspace_of(endpoint['id'])}/jobs/{job}"
    given = request.json().get("properties", {})
    content = {"score": {"jobOutputType": "uri_folder"}}
    properties = {
        "jobType": "Pipeline",
        "experimentName": endpoint["name"],
        "inputs": given.get("inputData") or {},
        "outputs": given.get("outputData") or content,
        "jobs": {},
    }
    cloud.put(id, {"properties": properties}, checked=False)
    made = jobruns.looked_at(cloud, id) or {}
    told = {"name": job, "status": made["properties"]["status"], "createdOn": outputs.WHEN}
    return Answer.json(201, {"id": id, "name": job, "type": made["type"], "properties": properties | told})
