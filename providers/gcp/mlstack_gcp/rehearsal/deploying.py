"""Models on endpoints: deployed, changed, taken off; who has how much of the traffic, and for how long."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mlstack_gcp.rehearsal import logs, messages, models, operations
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now, number
from mlstack_gcp.rehearsal.refusals import Refused, invalid
from mlstack_gcp.rehearsal.rules.traffic import split_problems

ENDPOINT = "vertex/aiEndpoint:AiEndpoint"
DEPLOYED = "aiplatform:DeployedModel"
_LOGGED = "aiplatform.googleapis.com/Endpoint"
_PROTO = "google/cloud/aiplatform_v1/types/endpoint_service.py"


def _deploy(cloud: Cloud, said: Document) -> Document:
    """``trafficSplit`` names the newcomer "0"; where it is left out, the traffic stays as it is
    (DeployModelRequest.traffic_split)."""
    given = dict(said.get("deployedModel") or {})
    _judge(cloud, given)
    with cloud.world.transaction():
        endpoint = cloud.there(said["endpoint"])
        base, model = models.found(cloud, given.get("model", ""))
        if base.split("/")[3] != cloud.canonical(said["endpoint"]).split("/")[3]:
            raise invalid(
                f"Model {given['model']} and Endpoint {said['endpoint']} must be in the same location."
            )
        pool = given.get("sharedResources")
        if pool and cloud.get(pool) is None:
            raise Refused("NOT_FOUND", f"DeploymentResourcePool {pool} is not found.")
        there = list(endpoint.get("deployedModels", []))
        id = given.get("id") or number(f"deployed {cloud.world.count('deployed')}", 10)
        if any(one["id"] == id for one in there):
            raise Refused("ALREADY_EXISTS", f"DeployedModel {id} already exists in {endpoint['name']}.")
        given |= {
            "id": id,
            "model": cloud.numbered(base),
            "modelVersionId": model["versionId"],
            "createTime": now(),
        }
        given.setdefault("displayName", model.get("displayName", ""))
        _counted(given)
        split = dict(said.get("trafficSplit") or {})
        if id in split:
            raise invalid(f"Traffic split names DeployedModel {id}, which is being deployed: it is named 0.")
        if split:
            split = {id if key == "0" else key: value for key, value in split.items()}
        _put(cloud, endpoint, [*there, given], split or endpoint.get("trafficSplit") or {})
        if not given.get("disableContainerLogging"):
            about = {"endpoint_id": endpoint["name"].rpartition("/")[2], "location": cloud.region}
            text = f"{given['displayName']}: rehearsed, nothing runs"
            logs.write(cloud, logs.CONTAINER, _LOGGED, about, text, {"deployed_model_id": id})
    response = {"deployedModel": messages.strict("DeployedModel", cloud.numbered(given))}
    return operations.vertex(cloud, said["endpoint"], "DeployModel", response, "DeployModelResponse")


def _undeploy(cloud: Cloud, said: Document) -> Document:
    """UndeployModelRequest.traffic_split: 'If the DeployedModel being undeployed has traffic and is not the
    only one with traffic, it must be given so that the rest sums to 100'."""
    id = said.get("deployedModelId", "")
    with cloud.world.transaction():
        endpoint = cloud.there(said["endpoint"])
        there = endpoint.get("deployedModels", [])
        left = [one for one in there if one["id"] != id]
        if len(left) == len(there):
            raise Refused("NOT_FOUND", f"DeployedModel {id} is not found in {endpoint['name']}.")
        split = dict(said.get("trafficSplit") or endpoint.get("trafficSplit") or {})
        if said.get("trafficSplit") is None:
            if split.get(id) and left:
                raise invalid(
                    f"DeployedModel {id} has traffic ({split[id]} %) while others remain: give a "
                    "traffic_split without it."
                )
            split.pop(id, None)
        _put(cloud, endpoint, left, split if left else {})
    return operations.vertex(cloud, said["endpoint"], "UndeployModel", {}, "UndeployModelResponse")


def _mutate(cloud: Cloud, said: Document) -> Document:
    """MutateDeployedModelRequest.update_mask: replica counts, autoscaling metrics, logging; nothing else."""
    given = said.get("deployedModel") or {}
    mask = said.get("updateMask", "")
    for path in mask.split(","):
        if re.sub(r"[A-Z]", lambda one: "_" + one[0].lower(), path) not in _MUTABLE:
            raise invalid(f"The field mask path {path!r} cannot be changed on a DeployedModel.")
    with cloud.world.transaction():
        endpoint = cloud.there(said["endpoint"])
        there = endpoint.get("deployedModels", [])
        old = next((one for one in there if one["id"] == given.get("id")), None)
        if old is None:
            raise Refused("NOT_FOUND", f"DeployedModel {given.get('id')} is not found in {endpoint['name']}.")
        new = messages.masked("DeployedModel", old, given, mask)
        _judge(cloud, new)
        _counted(new)
        _put(
            cloud, endpoint, [new if one is old else one for one in there], endpoint.get("trafficSplit") or {}
        )
    response = {"deployedModel": new}
    return operations.vertex(
        cloud, said["endpoint"], "MutateDeployedModel", response, "MutateDeployedModelResponse"
    )


_REPLICAS = ("min_replica_count", "max_replica_count", "required_replica_count", "autoscaling_metric_specs")
_MUTABLE = {
    "disable_container_logging",
    *(f"dedicated_resources.{one}" for one in _REPLICAS),
    *(f"automatic_resources.{one}" for one in _REPLICAS[:2]),
}


def _counted(given: Document) -> None:
    """The greatest count is the least one where it is left out (DedicatedResources.max_replica_count)."""
    dedicated = given.get("dedicatedResources")
    if dedicated is not None:
        dedicated.setdefault("maxReplicaCount", dedicated.get("minReplicaCount", 1))


def _judge(cloud: Cloud, given: Mapping[str, Any]) -> None:
    problems = [f"deployed_model.{path}: {text}" for path, text, _ in cloud.judge(DEPLOYED, given)]
    if problems:
        raise invalid("; ".join(problems))


def _put(cloud: Cloud, endpoint: Document, deployed: list[Document], split: Mapping[str, Any]) -> None:
    ids = {one["id"] for one in deployed}
    for problem in split_problems(split, ids):
        raise invalid(problem)
    kept = {key: one for key, one in endpoint.items() if key not in ("deployedModels", "trafficSplit")}
    if deployed:
        kept["deployedModels"] = [messages.strict("DeployedModel", cloud.numbered(one)) for one in deployed]
    if split := {key: value for key, value in split.items() if value}:
        kept["trafficSplit"] = split
    kept["updateTime"] = now()
    cloud.put(endpoint["name"], ENDPOINT, messages.strict("Endpoint", kept))


def _update_endpoint(cloud: Cloud, said: Document) -> Document:
    """UpdateEndpointLongRunningRequest.endpoint: 'Currently we only support updating the
    `client_connection_config` field, all the other fields' update will be blocked.'"""
    given = said.get("endpoint") or {}
    others = sorted(set(given) - {"name", "etag", "clientConnectionConfig"})
    if others:
        raise invalid(f"UpdateEndpointLongRunning changes client_connection_config alone, not {others[0]}.")
    with cloud.world.transaction():
        endpoint = cloud.there(given["name"])
        new = messages.masked("Endpoint", endpoint, cloud.numbered(given), "client_connection_config")
        cloud.put(endpoint["name"], ENDPOINT, {**new, "updateTime": now()})
    return operations.vertex(cloud, given["name"], "UpdateEndpoint", new, "Endpoint")


CALLS: Mapping[str, tuple[Callable[[Cloud, Document], Document], str]] = {
    "DeployModel": (_deploy, ""),
    "UndeployModel": (_undeploy, ""),
    "MutateDeployedModel": (_mutate, ""),
    "UpdateEndpointLongRunning": (_update_endpoint, ""),
}
