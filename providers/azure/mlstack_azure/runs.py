"""Runs of jobs on Azure ML: their names, their states, where their outputs and logs are.

A run's name is made of the stack and of the job's fingerprint, so that one which was submitted and whose
answer never came is found again. The platform keeps a name for good: the attempt after a failure has a
number behind it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from mlstack.content import fingerprint
from mlstack_azure.arm import Arm, Workspace, last
from mlstack_azure.arm.client import Document, Transport

#: Azure's states of a job, in our words.
_STATES = {
    "NotStarted": "pending",
    "Starting": "pending",
    "Provisioning": "pending",
    "Preparing": "pending",
    "Queued": "pending",
    "Scheduled": "pending",
    "Paused": "pending",
    "Running": "running",
    "Finalizing": "running",
    "CancelRequested": "running",
    "Completed": "succeeded",
    "Failed": "failed",
    "NotResponding": "failed",
    "Canceled": "cancelled",
}
ENDED = frozenset({"succeeded", "failed", "cancelled"})

#: The tags by which a stack's runs are found.
STACK, JOB, MARK = "mlstack-stack", "mlstack-job", "mlstack-fingerprint"
#: Variables of a job that name a secret: its value may change without the job running again.
SECRET_PREFIX = "MLSTACK_SECRET_"  # noqa: S105 - the beginning of a name

#: How the fetching of secrets before a command begins and ends.
FETCHING = ('mlstack_secrets="$(', "&& unset mlstack_secrets && ")

_SHORTEST_LOOK, _LONGEST_LOOK = 2.0, 20.0
#: Where the platform puts an output that names no place.
_STORE = "workspaceblobstore"


def mark(properties: Mapping[str, Any], nonce: str | None = None) -> str:
    """A job's fingerprint, 12 hex digits: of all that decides what it computes.

    Compute, timeout, tags, identity and the values of secrets do not count.
    """
    variables = {
        name: value
        for name, value in (properties.get("environmentVariables") or {}).items()
        if not name.startswith(SECRET_PREFIX)
    }
    counts = {
        "command": _without_fetching(str(properties.get("command"))),
        "code": properties.get("codeId"),
        "environment": properties.get("environmentId"),
        "inputs": properties.get("inputs") or {},
        "outputs": properties.get("outputs") or {},
        "env": variables,
        "nodes": (properties.get("resources") or {}).get("instanceCount") or 1,
        "distribution": properties.get("distribution") or {},
    }
    return fingerprint(json.dumps(counts, sort_keys=True), nonce or "")


def _without_fetching(command: str) -> str:
    """The command as the spec has it: how secrets are fetched before it may change with mlstack."""
    if not command.startswith(FETCHING[0]):
        return command
    return command.partition(FETCHING[1])[2]


def name_of(stack_uid: str, job: str, made_of: str, attempt: int) -> str:
    """The name of the stack's own run of a job; ``attempt`` counts from 0."""
    name = f"{job}-{fingerprint(stack_uid, 'jobs', job, made_of)}"
    return f"{name}-r{attempt}" if attempt else name


def state_of(document: Mapping[str, Any]) -> str:
    """pending, running, succeeded, failed or cancelled."""
    return _STATES.get(str(document["properties"].get("status")), "running")


def attempts(
    arm: Arm, workspace: Workspace, stack_uid: str, job: str, made_of: str
) -> Iterator[tuple[str, Document | None]]:
    """Names of runs with one fingerprint, and what is there of each; ends with the first that is free."""
    number = 0
    while True:
        name = name_of(stack_uid, job, made_of, number)
        found = arm.find(f"{workspace.id}/jobs/{name}")
        yield name, found
        if found is None:
            return
        number += 1


def of_stack(arm: Arm, workspace: Workspace, stack_uid: str, job: str | None = None) -> list[Document]:
    """All runs that a stack has submitted (of one job), the newest first."""
    listed = arm.pages(f"{workspace.id}/jobs", tag=STACK, listViewType="All")
    found = [
        document
        for document in listed
        if (tags := document["properties"].get("tags") or {}).get(STACK) == stack_uid
        and (job is None or tags.get(JOB) == job)
    ]
    return sorted(found, key=lambda document: created(document) or 0.0, reverse=True)


def created(document: Mapping[str, Any]) -> float | None:
    """When it was submitted, in seconds since the epoch."""
    return when((document.get("systemData") or {}).get("createdAt"))


def when(text: Any) -> float | None:
    """A time of Azure's, in seconds since the epoch. It tells seven digits of a second, Python takes six."""
    if not isinstance(text, str):
        return None
    try:
        head, dot, tail = text.replace("Z", "+00:00").partition(".")
        digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
        return datetime.fromisoformat(f"{head}{dot}{digits[:6]}{tail[len(digits) :]}").timestamp()
    except ValueError:
        return None


def outputs(workspace: Workspace, document: Mapping[str, Any], version: str) -> dict[str, dict[str, str]]:
    """Name -> {uri, version} of what a run puts out; not the folder that the platform adds for itself."""
    properties = document["properties"]
    run = last(document.get("id") or document["name"])
    found = {}
    for name, output in (properties.get("outputs") or {}).items():
        if name == "default":
            continue
        is_file = output.get("jobOutputType") == "uri_file"
        usual = workspace.datastore_uri(_STORE, f"azureml/{run}/{name}{'' if is_file else '/'}")
        found[name] = {"uri": output.get("uri") or usual, "version": version}
    return found


def studio(document: Mapping[str, Any]) -> str | None:
    """The page of a run in the studio."""
    service = (document["properties"].get("services") or {}).get("Studio") or {}
    url: str | None = service.get("endpoint")
    return url


def wait(
    arm: Arm, id: str, log: Callable[[str], None], watch: Callable[[Document], None] = lambda _document: None
) -> Document:
    """Wait until a run has ended; each change of its state is a line. Raises Interrupted."""
    told = ""
    pause = _SHORTEST_LOOK
    while True:
        document = arm.get(id)
        status = str(document["properties"].get("status"))
        if status != told:
            log(f"run {last(id)}: {status}")
            told, pause = status, _SHORTEST_LOOK
        watch(document)
        if state_of(document) in ENDED:
            return document
        Transport(arm.cancelled).sleep(0.05 if arm.cloud.emulated else pause)
        pause = min(pause * 1.5, _LONGEST_LOOK)


def stop(arm: Arm, document: Mapping[str, Any]) -> bool:
    """Cancel a run; whether it was going."""
    if state_of(document) in ENDED:
        return False
    arm.post(f"{document['id']}/cancel", wait=False)
    return True


def stop_interrupted(arm: Arm, id: str) -> None:
    """Cancel a run although our own has been told to end: no request of it may wait any more."""
    with Arm(arm.cloud, arm.credential, cancelled=threading.Event()) as free:
        document = free.find(id)
        if document is not None:
            stop(free, document)
