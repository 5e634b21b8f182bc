"""How the resources of a stack fare: one look at each, several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlstack.errors import MlstackError
from mlstack.runtime import ChildRecord, Record, Status, StatusState
from mlstack.spec import KINDS
from mlstack_gcp import cloud
from mlstack_gcp.cloud import CloudFailure
from mlstack_gcp.runtime import children

_AT_ONCE = 8
Found = tuple[StatusState, str, str | None]


def _regional(child: ChildRecord) -> tuple[str, str, str | None]:
    """Of Vertex AI: its full name says the region."""
    output = _BY_OUTPUT.get(child.type)
    name = str(child.outputs.get(output) or "") if output is not None else child.id
    name = name if name.startswith("projects/") else child.id
    parts = name.split("/")
    return "aiplatform", f"/v1/{name}", parts[3] if len(parts) > 3 else None


def _service(service: str, version: str) -> Callable[[ChildRecord], tuple[str, str, str | None]]:
    return lambda child: (service, f"/{version}/{child.id}", None)


#: Whose id is no name of the platform's, and the output that is.
_BY_OUTPUT: Mapping[str, str] = {"mlstack:gcp:Model": "name", children.JOB: "job_id"}

_MONITOR = "mlstack:gcp:MonitoringJob"

#: Type of a child -> where it is looked at: service, path, region. The first that a record has counts.
_LOOKS: Mapping[str, Callable[[ChildRecord], tuple[str, str, str | None]]] = {
    children.ENDPOINT: _regional,
    children.JOB: _regional,
    "mlstack:gcp:PipelineSchedule": _regional,
    _MONITOR: _regional,
    "mlstack:gcp:Model": _regional,
    "gcp:vertex/aiPersistentResource:AiPersistentResource": _regional,
    "gcp:container/cluster:Cluster": _service("container", "v1"),
    "gcp:cloudscheduler/job:Job": _service("cloudscheduler", "v1"),
    "gcp:secretmanager/secret:Secret": _service("secretmanager", "v1"),
    "gcp:monitoring/alertPolicy:AlertPolicy": _service("monitoring", "v3"),
    "gcp:monitoring/notificationChannel:NotificationChannel": _service("monitoring", "v3"),
    "gcp:billing/budget:Budget": _service("billingbudgets", "v1"),
    "gcp:storage/bucket:Bucket": lambda child: ("storage", f"/storage/v1/b/{child.id}", None),
}

_JOBS: Mapping[str, StatusState] = {
    "JOB_STATE_QUEUED": "pending",
    "JOB_STATE_PENDING": "pending",
    "JOB_STATE_RUNNING": "running",
    "JOB_STATE_CANCELLING": "running",
    "JOB_STATE_SUCCEEDED": "ready",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_CANCELLED": "stopped",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "degraded",
    "JOB_STATE_PAUSED": "stopped",
}
_STATES: Mapping[str, StatusState] = {
    "ACTIVE": "ready",
    "ENABLED": "ready",
    "RUNNING": "ready",
    "OK": "ready",
    "PROVISIONING": "creating",
    "PENDING": "creating",
    "OFFLINE": "stopped",
    "PAUSED": "stopped",
    "DISABLED": "stopped",
    "COMPLETED": "stopped",
    "STOPPING": "running",
    "ERROR": "failed",
    "FAILED": "failed",
}


def read(records: Sequence[Record]) -> list[Status]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(_status, records))


def _status(record: Record) -> Status:
    state, detail, url = _found(record)
    return Status(KINDS[record.kind].singular, record.name, state, detail, url)


def _found(record: Record) -> Found:
    if record.kind == "compute" and not record.children and record.outputs.get("instance"):
        machine = record.outputs["instance"]
        return "ready", f"{machine}, of each job's own: Vertex AI keeps none without min", None
    if not record.children:
        return ("ready", "", None) if record.outputs.get("id") else ("absent", "not made yet", None)
    child = next((each for type in _LOOKS for each in children.of_type(record, type)), None)
    if child is None:
        return "ready", "", None
    service, path, location = _LOOKS[child.type](child)
    try:
        document = cloud.rest(service, "GET", path, location=location)
    except CloudFailure as failure:
        if failure.status == 404:
            return "absent", f"{child.id.rpartition('/')[2]} is not there", None
        if failure.category == "permission":
            return "degraded", f"not allowed to look: {failure.message.splitlines()[0]}", None
        raise
    except MlstackError as error:
        if error.category == "permission":
            return "degraded", f"not allowed to look: {error.message.splitlines()[0]}", None
        raise
    return _judged(record, child, document)


def _judged(record: Record, child: ChildRecord, document: Mapping[str, Any]) -> Found:
    if child.type == children.ENDPOINT:
        return _endpoint(record, document)
    said = str(document.get("state") or "")
    if child.type == children.JOB:
        run = str(document.get("name") or child.id).rpartition("/")[2]
        return _JOBS.get(said, "pending"), f"{said}, run {run}", None
    if child.type == "mlstack:gcp:Model":
        version = document.get("versionId")
        return "ready", f"version {version}" if version else "", None
    if document.get("enabled") is False:
        return "stopped", "disabled", None
    state = _JOBS.get(said) or _STATES.get(said, "ready")
    if child.type in (_MONITOR, "mlstack:gcp:PipelineSchedule") and state == "running":
        state = "ready"
    return state, "" if state == "ready" else said.lower(), None


def _endpoint(record: Record, document: Mapping[str, Any]) -> Found:
    shares = document.get("trafficSplit") or {}
    held = {str(each["id"]): each for each in document.get("deployedModels") or ()}
    names = {str(each.get("id")): name for name, each in children.deployments(record).items()}
    parts, states = [], []
    for id, name in names.items():
        state, more = _deployed(held.get(id))
        states.append(state)
        parts.append(f"{name} {state} ({shares.get(id, 0)} %{more})")
    parts += [f"{id} is none of the stack's ({shares.get(id, 0)} %)" for id in held if id not in names]
    detail = ", ".join(sorted(parts)) or "no deployment"
    url = record.outputs.get("url")
    if not states or all(state == "absent" for state in states):
        return "degraded", detail, url
    if any(state != "ready" for state in states):
        return "degraded", detail, url
    if not shares:
        return "degraded", f"{detail}; no deployment has traffic", url
    return "ready", detail, url


def _deployed(document: Mapping[str, Any] | None) -> tuple[StatusState, str]:
    """A deployed model is listed when it is up; its status tells of replicas that are wanting."""
    if document is None:
        return "absent", ""
    status = document.get("status") or {}
    wanted = (document.get("dedicatedResources") or {}).get("minReplicaCount")
    available = status.get("availableReplicaCount")
    if available is not None and wanted is not None and int(available) < int(wanted):
        why = f": {status['message']}" if status.get("message") else ""
        return "degraded", f", {available} of {wanted} replicas{why}"
    return "ready", ""
