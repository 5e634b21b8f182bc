"""What the pods of a job or of an endpoint print, through the API server."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from mlstack.errors import MlstackError, TargetError, UsageError
from mlstack.runtime import Record
from mlstack_kubernetes.cluster import Cluster, told
from mlstack_kubernetes.runtime import children

_END = object()
#: Whose pod it is, as the Job controller says.
_JOB = "batch.kubernetes.io/job-name"


def no_access_log(record: Record) -> UsageError:
    return UsageError(
        f"the cluster keeps no log of the requests to {record.name!r}",
        code="unsupported",
        remedy="the server's own lines are in `mlstack logs`; with `capture` it keeps their content",
    )


def of(
    cluster: Cluster, record: Record, child: str | None, follow: bool, tail: int | None, run: str | None
) -> Iterator[str]:
    """Lines of all pods that are there; each after its pod's name, where there are several."""
    pods = _pods(cluster, record, child, run)
    if not pods:
        raise TargetError(
            f"{record.name!r} has no pod that could say anything",
            category="user",
            remedy="`mlstack status` shows how it fares",
        )
    if follow:
        return _together(pods, tail)
    return (line for pod in pods for line in _lines(pod, tail, follow=False, named=len(pods) > 1))


def _pods(cluster: Cluster, record: Record, child: str | None, run: str | None) -> list[Any]:
    space, resource = children.namespace(record), f"{record.kind}.{record.name}"
    if record.kind == "endpoints":
        wanted = children.named(record, child) if child is not None else children.deployments(record)
        return [pod for name in wanted for pod in cluster.pods(space, resource, f"{record.name}-{name}")]
    job = run or str(record.outputs.get("id") or "").rpartition("/")[2]
    return [
        pod
        for pod in cluster.pods(space, resource, record.name)
        if pod.raw["metadata"]["labels"].get(_JOB) == job
    ]


def _lines(pod: Any, tail: int | None, *, follow: bool, named: bool) -> Iterator[str]:
    prefix = f"{pod.name}: " if named else ""
    with told(f"the log of {pod.namespace}/{pod.name}"):
        for line in pod.logs(container=_container(pod), tail_lines=tail, follow=follow):
            yield f"{prefix}{line}"


def _container(pod: Any) -> str:
    """The one that works; until it begins, the init container that is at it."""
    for status in pod.raw.get("status", {}).get("initContainerStatuses") or ():
        if (status.get("state") or {}).get("terminated", {}).get("exitCode") != 0:
            return str(status["name"])
    return str(pod.raw["spec"]["containers"][0]["name"])


def _together(pods: list[Any], tail: int | None) -> Iterator[str]:
    """Lines of several pods as they come, until all have ended."""
    lines: queue.Queue[Any] = queue.Queue()

    def read(pod: Any) -> None:
        try:
            for line in _lines(pod, tail, follow=True, named=len(pods) > 1):
                lines.put(line)
            lines.put(_END)
        except MlstackError as error:
            lines.put(error)

    for pod in pods:
        threading.Thread(target=read, args=(pod,), daemon=True).start()
    left = len(pods)
    while left:
        found = lines.get()
        if isinstance(found, MlstackError):
            raise found
        if found is _END:
            left -= 1
        else:
            yield found
