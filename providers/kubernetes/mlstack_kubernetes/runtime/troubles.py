"""Why pods do not come up: what their conditions and those of their owners say, in one line with a remedy.

Sources: Kubernetes, "Pod Lifecycle" (container states), "Images" (ImagePullBackOff), "Resource Quotas", "Pod
Security Admission"; kubernetes/kubernetes, pkg/kubelet/images/types.go and container/sync_result.go for the
reasons, which no page lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mlstack.errors import Category
from mlstack.runtime import Trouble
from mlstack_kubernetes.names import NAME, RESOURCE

Object = Mapping[str, Any]

_IMAGE = ("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable")
_CONFIG = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError")
#: So often a container may end before it is said to do nothing else.
_CRASHES = 3
#: What is not right by itself after so many seconds: an image that is being pushed, a secret that comes late.
_SOON = 60.0
_DEVICE = re.compile(r"Insufficient ([a-z0-9.-]+/[a-z0-9.-]*[a-z0-9])")


def told(
    pods: Iterable[Object],
    owners: Iterable[Object],
    events: Iterable[tuple[Object, Object]],
    patience: float = _SOON,
) -> Iterator[Trouble]:
    """All troubles of a stack, each place once; an event comes after the Job that it is about. Nothing is
    waited for longer than ``patience``."""
    seen = set()
    found = (
        *map(of_owner, owners),
        *(of_event(*each) for each in events),
        *(of_pod(pod, patience) for pod in pods),
    )
    for trouble in found:
        if trouble is not None and trouble.where not in seen:
            seen.add(trouble.where)
            yield replace(trouble, patience=min(trouble.patience, patience))


def of_pod(pod: Object, patience: float = _SOON) -> Trouble | None:
    """What keeps a pod from running; None where it runs, or is on its way. ``patience``: for a node."""
    status = pod.get("status") or {}
    if status.get("phase") == "Succeeded" or pod["metadata"].get("deletionTimestamp"):
        return None
    for condition in status.get("conditions") or ():
        if condition.get("reason") == "Unschedulable" and condition.get("status") == "False":
            return _unschedulable(pod, str(condition.get("message") or ""), patience)
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        found = _of_container(pod, container)
        if found is not None:
            return found
    return None


def of_owner(owner: Object) -> Trouble | None:
    """What keeps a Deployment from making pods at all."""
    for condition in (owner.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return _refused(owner, str(condition.get("message") or ""))
    return None


def of_event(job: Object, event: Object) -> Trouble | None:
    """What the controller tells of a pod that it could not make. A Job says it nowhere else."""
    if event.get("reason") != "FailedCreate" or event.get("type") != "Warning":
        return None
    return _refused(job, str(event.get("message") or ""))


def _refused(owner: Object, message: str) -> Trouble:
    """A pod that the API server does not take."""
    category: Category = "permission"
    remedy = "have the cluster's administrator say what it admits"
    if "exceeded quota" in message:
        category, remedy = "quota", "ask for less, or have the namespace's ResourceQuota raised"
    elif "violates PodSecurity" in message:
        remedy = "the namespace does not admit what the message names: look at `native` blocks and images"
    elif "admission webhook" in message:
        remedy = "the cluster's own policy refuses it: its message says why"
    return Trouble(_place(owner), f"no pod is made: {_line(message)}", remedy, category, _SOON)


def _of_container(pod: Object, container: Object) -> Trouble | None:
    waiting = (container.get("state") or {}).get("waiting") or {}
    reason, message = str(waiting.get("reason") or ""), _line(str(waiting.get("message") or ""))
    name, image = container.get("name"), container.get("image")
    if reason in _IMAGE:
        remedy = "correct its name, or give the cluster's nodes access to it (imagePullSecrets)"
        return _of_pod(pod, f"the image {image} cannot be pulled: {message or reason}", remedy)
    if reason in _CONFIG:
        remedy = "`kubectl describe pod` tells more"
        return _of_pod(pod, f"the container {name} cannot be made: {message or reason}", remedy)
    ended = (container.get("lastState") or {}).get("terminated")
    if ended and int(container.get("restartCount") or 0) >= _CRASHES and not container.get("ready"):
        killed = ended.get("reason") == "OOMKilled"
        how = "for want of memory" if killed else f"with exit code {ended.get('exitCode')}"
        remedy = "give it more memory" if killed else "`mlstack logs` shows what it said"
        return _of_pod(pod, f"the container {name} ends again and again, at last {how}", remedy, patience=0)
    return None


def _unschedulable(pod: Object, message: str, patience: float) -> Trouble:
    missing = _DEVICE.search(message)
    remedy = "ask for less (`size`, `cpus`, `memory`), or have nodes added"
    if missing:
        remedy = f"no node has {missing.group(1)} left: take another accelerator, or have such nodes added"
    elif "untolerated taint" in message or "node affinity" in message or "node selector" in message:
        remedy = "no node is of the kind that is asked for: look at `size`, `gpu`, `instance` and `compute`"
    elif "PersistentVolumeClaim" in message:
        remedy = "look at the stack's volume (`settings.kubernetes.storage_class`, `access`)"
    return _of_pod(pod, f"no node can take it: {_line(message)}", remedy, "quota", patience)


def _of_pod(
    pod: Object, message: str, remedy: str, category: Category = "user", patience: float = _SOON
) -> Trouble:
    return Trouble(_place(pod), f"pod {pod['metadata']['name']}: {message}", remedy, category, patience)


def _place(object: Object) -> str:
    """What of the spec an object is made for, as the engine names it: "endpoints.scores-main"."""
    metadata, spec = object["metadata"], object.get("spec") or {}
    template = (spec.get("template") or {}).get("metadata") or metadata
    labels = template.get("labels") or {}
    kind = str(labels.get(RESOURCE) or "").partition(".")[0]
    return f"{kind}.{labels.get(NAME)}" if kind else f"{object.get('kind')} {metadata.get('name')}"


def _line(message: str) -> str:
    return " ".join(message.split()).rstrip(".")
