"""How the resources of a stack fare, from the conditions of their objects and of their pods.

Sources: Kubernetes, "Deployments" (status), "Jobs" (terminal conditions), "CronJob", "Persistent Volumes".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlstack.errors import TargetError
from mlstack.runtime import Record, Status, StatusState
from mlstack.spec import KINDS
from mlstack_kubernetes.cluster import Cluster
from mlstack_kubernetes.runtime import children
from mlstack_kubernetes.runtime.troubles import of_owner, of_pod

Found = tuple[StatusState, str]
Objects = Mapping[str, Mapping[str, Any]]
"""Objects of one kind by NAMESPACE/NAME."""

_INFERENCE = "inferenceservices.serving.kserve.io"
_KINDS = {
    children.DEPLOYMENT: "deployments",
    children.JOB: "jobs",
    children.CRON: "cronjobs",
    children.CLAIM: "persistentvolumeclaims",
}


def read(cluster: Cluster, records: Sequence[Record]) -> list[Status]:
    """One line for each record. The cluster is asked once for each kind of object in each namespace."""
    return _Look(cluster, records).all()


class _Look:
    def __init__(self, cluster: Cluster, records: Sequence[Record]) -> None:
        self._cluster = cluster
        self._records = records
        self._spaces = sorted({each for each in map(children.namespace, records) if each})
        self._held: dict[str, Objects] = {}

    def all(self) -> list[Status]:
        return [self._status(record) for record in self._records]

    def _status(self, record: Record) -> Status:
        try:
            state, detail = self._found(record)
        except TargetError as error:
            if error.category != "permission":
                raise
            state, detail = "degraded", f"not allowed to look: {error.message}"
        return Status(KINDS[record.kind].singular, record.name, state, detail, record.outputs.get("url"))

    def _found(self, record: Record) -> Found:
        if not record.children and not record.outputs.get("id"):
            return "absent", "not made yet"
        if record.kind == "endpoints" and children.deployments(record):
            return self._endpoint(record)
        child = children.first(record, children.JOB, children.CRON, children.CLAIM)
        if child is None:
            return "ready", ""
        there = self._objects(_KINDS[child.type]).get(child.id)
        if there is None:
            return "absent", f"{child.id} is not there"
        return _JUDGES[child.type](there, self._pods(there))

    def _endpoint(self, record: Record) -> Found:
        parts, states = [], []
        for name, id in children.deployments(record).items():
            if children.is_inference(record):
                state, more = _inference(self._objects(_INFERENCE).get(id))
            else:
                state, more = self._deployment(self._objects("deployments").get(id))
            states.append(state)
            parts.append(f"{name} {state}{f' ({more})' if more else ''}")
        if all(state == "ready" for state in states):
            return "ready", ", ".join(parts)
        same = (
            states[0]
            if len(set(states)) == 1 and states[0] in ("creating", "absent", "stopped")
            else "degraded"
        )
        return same, ", ".join(parts)

    def _deployment(self, there: Mapping[str, Any] | None) -> Found:
        if there is None:
            return "absent", ""
        wanted = int(there["spec"].get("replicas", 1))
        status = there.get("status") or {}
        ready = int(status.get("availableReplicas") or 0)
        counts = f"{ready} of {wanted} ready"
        if wanted == 0:
            return "stopped", "scaled to nothing"
        trouble = of_owner(there) or next(filter(None, map(of_pod, self._pods(there))), None)
        if trouble is not None:
            return ("degraded" if ready else "failed"), f"{counts}; {trouble.message}; {trouble.remedy}"
        stale = int(status.get("observedGeneration") or 0) < int(there["metadata"].get("generation") or 0)
        if stale or int(status.get("updatedReplicas") or 0) < wanted or ready < wanted:
            return "creating", counts
        return "ready", counts

    def _pods(self, owner: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        selector = (owner["spec"].get("selector") or {}).get("matchLabels")
        if not selector:
            return []
        space = owner["metadata"]["namespace"]
        return [
            pod
            for id, pod in self._objects("pods").items()
            if id.startswith(f"{space}/")
            and selector.items() <= (pod["metadata"].get("labels") or {}).items()
        ]

    def _objects(self, kind: str) -> Objects:
        if kind not in self._held:
            found = [each for space in self._spaces for each in self._cluster.all(kind, namespace=space)]
            self._held[kind] = {
                f"{m['namespace']}/{m['name']}": each for each in found for m in [each["metadata"]]
            }
        return self._held[kind]


def _inference(there: Mapping[str, Any] | None) -> Found:
    """Of an InferenceService, whose condition Ready is about all that it is made of."""
    if there is None:
        return "absent", ""
    conditions = {each["type"]: each for each in (there.get("status") or {}).get("conditions") or ()}
    ready = conditions.get("Ready") or {}
    if ready.get("status") == "True":
        return "ready", ""
    why = " ".join(str(each) for each in (ready.get("reason"), ready.get("message")) if each)
    return ("failed" if ready.get("status") == "False" else "creating"), why


def _job(there: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> Found:
    status, run = there.get("status") or {}, there["metadata"]["name"]
    for condition in status.get("conditions") or ():
        if condition.get("status") == "True":
            if condition["type"] == "Complete":
                return "ready", f"succeeded, run {run}"
            if condition["type"] == "Failed":
                return "failed", f"run {run}: {condition.get('message') or condition.get('reason')}"
            if condition["type"] == "Suspended":
                return "pending", f"run {run} waits for its queue to admit it"
    trouble = next(filter(None, map(of_pod, pods)), None)
    if trouble is not None:
        return "pending", f"run {run}: {trouble.message}; {trouble.remedy}"
    return ("running" if status.get("ready") else "creating"), f"run {run}"


def _cron(there: Mapping[str, Any], _pods: Sequence[Mapping[str, Any]]) -> Found:
    if there["spec"].get("suspend"):
        return "stopped", "suspended"
    last = (there.get("status") or {}).get("lastScheduleTime")
    return "ready", f"last began {last}" if last else "has not begun yet"


def _claim(there: Mapping[str, Any], _pods: Sequence[Mapping[str, Any]]) -> Found:
    phase = (there.get("status") or {}).get("phase")
    if phase == "Lost":
        return "failed", "the volume behind the stack's claim is gone"
    return ("ready", "") if phase == "Bound" else ("creating", "the volume is made with the first pod")


_JUDGES: Mapping[str, Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], Found]] = {
    children.JOB: _job,
    children.CRON: _cron,
    children.CLAIM: _claim,
}
