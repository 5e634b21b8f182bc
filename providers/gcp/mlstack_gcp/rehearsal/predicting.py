"""The data plane of endpoints: a small echo of the deployed model that has the most traffic."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from mlstack.rehearsal.wsgi import Answer, Request
from mlstack_gcp.rehearsal.cloud import Cloud, Document
from mlstack_gcp.rehearsal.refusals import Refused

_RAW = re.compile(
    r"/v1/(projects/[^/]+/locations/[^/]+/endpoints/[^/:]+)(?:/deployedModels/([^/:]+))?(?::rawPredict|/invoke/.*)"
)


def _serving(cloud: Cloud, name: str, asked: str | None = None) -> tuple[Document, Document]:
    endpoint = cloud.there(name)
    deployed = {one["id"]: one for one in endpoint.get("deployedModels", [])}
    if asked:
        if asked not in deployed:
            raise Refused("NOT_FOUND", f"DeployedModel {asked} is not found in {name}.")
        return endpoint, deployed[asked]
    split = endpoint.get("trafficSplit") or {}
    live = max((id for id in deployed if split.get(id)), key=lambda id: split[id], default=None)
    if live is None:
        raise Refused("FAILED_PRECONDITION", f"Endpoint {name} doesn't have traffic_split.")
    return endpoint, deployed[live]


def _predict(cloud: Cloud, said: Document) -> Document:
    _, deployed = _serving(cloud, said["endpoint"])
    predictions = [{"rehearsal": True, "input": one} for one in said.get("instances", [])]
    return {
        "predictions": predictions,
        "deployedModelId": deployed["id"],
        "model": deployed["model"],
        "modelVersionId": deployed.get("modelVersionId", "1"),
        "modelDisplayName": deployed.get("displayName", ""),
    }


def raw(cloud: Cloud, request: Request) -> Answer | None:
    """Any body, to the container's own path; None when this is no such call. A path of the caller's own
    (invoke) is for containers with invoke_route_prefix (ModelContainerSpec)."""
    match = _RAW.fullmatch(request.path)
    if match is None:
        return None
    endpoint, deployed = _serving(cloud, match[1], match[2])
    try:
        given = json.loads(request.content) if request.content else None
    except ValueError:
        given = request.content.decode("utf-8", "replace")
    told = {"rehearsal": True, "endpoint": endpoint.get("displayName"), "input": given}
    headers = {
        "X-Vertex-AI-Endpoint-Id": match[1].rpartition("/")[2],
        "X-Vertex-AI-Deployed-Model-Id": deployed["id"],
    }
    return Answer.json(200, {**told, "deployment": deployed.get("displayName")}, headers)


CALLS: Mapping[str, tuple[Callable[[Cloud, Document], Document], str]] = {
    "Predict": (_predict, "PredictResponse"),
}
