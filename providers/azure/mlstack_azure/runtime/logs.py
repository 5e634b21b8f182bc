"""Log lines: of a deployment's containers, of a job's run, of a batch endpoint's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Record
from mlstack_azure import joblogs, runs
from mlstack_azure.arm import Arm, Workspace
from mlstack_azure.arm.client import Transport
from mlstack_azure.arm.failures import HttpFailure
from mlstack_azure.runtime import batch, children

#: Lines that are asked for where nobody says how many; the platform gives no more at once.
_MOST = 5000
_LOOK = 5.0
_DIAGNOSTICS = "https://learn.microsoft.com/azure/machine-learning/how-to-monitor-online-endpoints"


def no_access_log(record: Record) -> UsageError:
    """Azure ML writes requests to a Log Analytics workspace, and only where it is told to."""
    return UsageError(
        f"Azure ML keeps no log of the requests to {record.name!r} that can be asked of it",
        code="unsupported",
        remedy="`mlstack metrics` has their numbers; to see each, send AmlOnlineEndpointTrafficLog to a Log "
        f"Analytics workspace ({_DIAGNOSTICS}) and query it there",
    )


def of_job(arm: Arm, record: Record, run: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    """What a run of a job printed: the run that is named, else the newest."""
    workspace = Workspace.of(children.workspace_of(record))
    job = children.one(record, children.JOB)
    if run is None:
        listed = runs.of_stack(arm, workspace, job.inputs["stack_uid"], job.inputs["name"])
        id = str(listed[0]["id"]) if listed else str(job.outputs["job_id"])
    else:
        id = f"{workspace.id}/jobs/{run}"
    return _of_run(arm, workspace, id, follow, tail)


def of_batch(arm: Arm, record: Record, run: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    workspace = Workspace.of(children.workspace_of(record))
    name = run or batch.newest(arm, record)
    return _of_run(arm, workspace, f"{workspace.id}/jobs/{name}", follow, tail)


def _of_run(arm: Arm, workspace: Workspace, id: str, follow: bool, tail: int | None) -> Iterator[str]:
    document = arm.find(id)
    if document is None:
        raise UsageError(
            f"there is no run {id.rpartition('/')[2]!r}",
            code="unknown-run",
            remedy="`mlstack runs` shows those of a job",
        )
    if not follow:
        lines = joblogs.lines(arm, workspace, document)
        yield from deque(lines, tail)
        return
    if tail is None:
        yield from joblogs.follow(arm, workspace, id)
        return
    log = joblogs.RunLog(arm, workspace, document)
    yield from deque(log.more(), tail)
    yield from joblogs.follow(arm, workspace, id, log=log)


def of_endpoint(arm: Arm, record: Record, child: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    """What the containers of deployments print; each line after its deployment's name, where there are
    several."""
    known = children.deployments(record)
    wanted = {child: children.deployment(record, child)} if child is not None else known
    endpoint = children.endpoint_id(record)
    seen: dict[str, list[str]] = {}
    while True:
        for name, azure in wanted.items():
            lines = _deployment(arm, f"{endpoint}/deployments/{azure}", tail or _MOST)
            for line in _fresh(seen.get(name), lines):
                yield f"{name}: {line}" if len(wanted) > 1 else line
            seen[name] = lines or seen.get(name, [])
        if not follow:
            return
        tail = None  # what is new of all, not what is new of the last few
        Transport(arm.cancelled).sleep(0.05 if arm.cloud.emulated else _LOOK)


def _deployment(arm: Arm, id: str, tail: int) -> list[str]:
    try:
        answer = arm.post(f"{id}/getLogs", {"containerType": "InferenceServer", "tail": tail})
    except HttpFailure as failure:
        if failure.status == 404:
            raise TargetError(
                f"the deployment {id.rpartition('/')[2]} is not there, or has no container yet",
                code="no-log",
                category="user",
                remedy="`mlstack status` says how it fares",
            ) from failure
        raise
    return str(answer.get("content") or "").splitlines()


def _fresh(before: list[str] | None, now: list[str]) -> list[str]:
    """Lines that came since: the two windows overlap by their longest common end and beginning."""
    if not before:
        return now
    for length in range(min(len(before), len(now)), 0, -1):
        if before[-length:] == now[:length]:
            return now[length:]
    tail = before[-1]
    for at in range(len(now) - 1, -1, -1):
        if now[at] == tail:
            return now[at + 1 :]
    return now
