"""How the resources of a stack fare: one look at each, several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlstack.errors import MlstackError
from mlstack.runtime import Record, Status, StatusState
from mlstack.spec import KINDS
from mlstack_azure import runs
from mlstack_azure.arm import ML_API, Arm, last
from mlstack_azure.arm.client import Document, is_loopback
from mlstack_azure.runtime import children

_AT_ONCE = 8
Found = tuple[StatusState, str, str | None]

#: Type of a resource (lower case) -> the version of its interface.
_VERSIONS = {
    "microsoft.machinelearningservices": ML_API,
    "microsoft.keyvault": "2023-07-01",
    "microsoft.insights/actiongroups": "2023-01-01",
    "microsoft.insights/metricalerts": "2018-03-01",
    "microsoft.insights/scheduledqueryrules": "2023-12-01",
    "microsoft.insights/autoscalesettings": "2022-10-01",
    "microsoft.consumption": "2023-11-01",
    "microsoft.costmanagement": "2023-11-01",
}
_STATES: Mapping[str, StatusState] = {
    "succeeded": "ready",
    "failed": "failed",
    "canceled": "failed",
    "deleting": "deleted",
    "deleted": "deleted",
    "unknown": "pending",
}
_JOBS: Mapping[str, StatusState] = {
    "pending": "pending",
    "running": "running",
    "succeeded": "ready",
    "failed": "failed",
    "cancelled": "stopped",
}


def read(arm: Arm, records: Sequence[Record]) -> list[Status]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda record: _status(arm, record), records))


def _status(arm: Arm, record: Record) -> Status:
    state, detail, url = _found(arm, record)
    return Status(KINDS[record.kind].singular, record.name, state, detail, url)


def _found(arm: Arm, record: Record) -> Found:
    id = _main(record)
    if id is None:
        return "absent", "not made yet", None
    try:
        api = _version(id)
        document = arm.find(id, api) if api else None
        if document is None and api:
            return "absent", f"{last(id)} is not there", None
        if document is None:
            return "ready", "", None
        return _of_kind(arm, record, document)
    except MlstackError as error:
        if error.category == "permission":
            return "degraded", f"not allowed to look: {error.message.splitlines()[0]}", None
        raise


def _main(record: Record) -> str | None:
    """The ARM id to look at: the component's own where it is one, else that of a child."""
    id = record.outputs.get("id")
    if isinstance(id, str) and id.lower().startswith("/subscriptions/"):
        return id
    ids = [child.id for child in record.children if child.id.lower().startswith("/subscriptions/")]
    main = [each for each in ids if "/roleassignments/" not in each.lower()]
    return main[-1] if main else None


def _version(id: str) -> str | None:
    """The interface's version for an id; None for what has no document to look at."""
    _, _, typed = id.lower().rpartition("/providers/")
    provider, _, rest = typed.partition("/")
    return _VERSIONS.get(f"{provider}/{rest.partition('/')[0]}") or _VERSIONS.get(provider)


def _of_kind(arm: Arm, record: Record, document: Document) -> Found:
    if record.kind == "jobs":
        state = _JOBS[runs.state_of(document)]
        said = f"{document['properties'].get('status')}, run {last(document['id'])}"
        return state, said, runs.studio(document)
    if record.kind == "endpoints":
        return _endpoint(arm, record, document)
    if record.kind == "compute":
        return _compute(document)
    state = _state(document)
    properties = document["properties"]
    if state == "ready" and False in (properties.get("isEnabled"), properties.get("enabled")):
        return "stopped", "disabled", None
    version = last(document["id"]) if "/versions/" in document.get("id", "").lower() else ""
    return state, f"version {version}" if version else "", None


def _state(document: Mapping[str, Any]) -> StatusState:
    said = str(document["properties"].get("provisioningState") or "succeeded").lower()
    return _STATES.get(said, "creating")


def _endpoint(arm: Arm, record: Record, document: Document) -> Found:
    properties = document["properties"]
    shares = properties.get("traffic") or {}
    mirrors = properties.get("mirrorTraffic") or {}
    default = (properties.get("defaults") or {}).get("deploymentName")
    names = {azure: spec for spec, azure in children.deployments(record).items()}
    own = _state(document)
    states, parts = [], []
    for deployment in arm.pages(f"{document['id']}/deployments"):
        name = last(deployment.get("id") or deployment["name"])
        state = _state(deployment)
        states.append(state)
        share = f"{shares[name]} %" if shares.get(name) else ""
        share = share or (f"mirrors {mirrors[name]} %" if mirrors.get(name) else "")
        share = share or ("default" if name == default else "0 %")
        parts.append(f"{names.get(name, name)} {state} ({share})")
    detail = ", ".join(sorted(parts)) or "no deployment"
    # a rehearsal's own address is there only as long as a command runs
    url = properties.get("scoringUri")
    if url is not None and is_loopback(url):
        url = record.outputs.get("url")
    if own != "ready" or not states:
        return ("degraded" if own == "ready" else own), detail, url
    if all(state == "ready" for state in states):
        idle = not any(shares.values()) and default is None
        return ("degraded", f"{detail}; no deployment has traffic", url) if idle else ("ready", detail, url)
    if all(state == "failed" for state in states):
        return "failed", detail, url
    return ("creating" if "creating" in states and "failed" not in states else "degraded"), detail, url


def _compute(document: Document) -> Found:
    properties = document["properties"]
    inner = properties.get("properties") or {}
    state = _state(document)
    told = properties.get("provisioningErrors") or ()
    errors = [str(error.get("error", error).get("message")) for error in told]
    if errors:
        return ("failed" if state != "ready" else "degraded"), "; ".join(errors), None
    if str(inner.get("state", "")).lower() in ("stopped", "stopping"):
        return "stopped", str(inner.get("vmSize") or ""), None
    scale = inner.get("scaleSettings") or {}
    parts = [str(inner["vmSize"])] if inner.get("vmSize") else []
    if "maxNodeCount" in scale:
        parts.append(f"{inner.get('currentNodeCount', 0)} of {scale['maxNodeCount']} nodes")
    problems = [str(error.get("message")) for error in inner.get("errors") or () if isinstance(error, dict)]
    if problems:
        return "degraded", "; ".join(problems), None
    return state, ", ".join(parts), None
