"""Runs of a job: those there are, one beside the stack's own, the end of one that goes."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from mlstack.lowering import runs as told
from mlstack.runtime import Artifact, Record, Run
from mlstack_azure import history as services
from mlstack_azure import joblogs, runs
from mlstack_azure.arm import Arm, Workspace, last
from mlstack_azure.arm.client import Document, Interrupted
from mlstack_azure.literals import literal
from mlstack_azure.runtime import children

#: Runs whose metrics are asked for, one request each.
_WITH_METRICS = 20
_TAIL = 20
#: The tag of a run that `mlstack run` has begun.
_BESIDE = "mlstack-beside"


def history(arm: Arm, record: Record) -> list[Run]:
    """All runs of the job that Azure ML still has, the newest first."""
    job = children.one(record, children.JOB)
    workspace = Workspace.of(job.inputs["workspace_id"])
    found = runs.of_stack(arm, workspace, job.inputs["stack_uid"], job.inputs["name"])
    own = job.outputs.get("run")
    return [
        described(arm, workspace, document, own=last(document["id"]) == own, metrics=number < _WITH_METRICS)
        for number, document in enumerate(found)
    ]


def described(
    arm: Arm, workspace: Workspace, document: Document, *, own: bool = False, metrics: bool = True
) -> Run:
    properties = document["properties"]
    state = runs.state_of(document)
    tags = properties.get("tags") or {}
    started = runs.when((properties.get("properties") or {}).get("StartTimeUtc")) or runs.created(document)
    ended = runs.when((properties.get("properties") or {}).get("EndTimeUtc"))
    return Run(
        id=last(document["id"]),
        status=state,
        outputs=runs.outputs(workspace, document, tags.get(runs.MARK) or last(document["id"])),
        metrics=services.metrics(arm, document["id"]) if metrics and state in runs.ENDED else {},
        inputs={
            name: str(given.get("value") if given.get("jobInputType") == "literal" else given.get("uri"))
            for name, given in (properties.get("inputs") or {}).items()
        },
        own=own,
        message="" if state != "failed" else services.reason(arm, document["id"]),
        started=started,
        seconds=ended - started if ended is not None and started is not None else None,
    )


def beside(
    arm: Arm,
    record: Record,
    inputs: Mapping[str, Any],
    log: Callable[[str], None],
    *,
    artifact: Callable[[str], Artifact],
    detach: bool,
) -> Run:
    """Submit the job as the stack has it, with other inputs; wait for it unless ``detach``."""
    job = children.one(record, children.JOB)
    workspace = Workspace.of(job.inputs["workspace_id"])
    properties = copy.deepcopy(dict(job.inputs["properties"]))
    given = properties.get("inputs") or {}
    for name, value in inputs.items():
        if name not in given:
            raise told.unknown_input(record.name, name, given)
        if given[name].get("jobInputType") == "literal":
            given[name]["value"] = literal(value)
        else:
            given[name]["uri"] = artifact(str(value)).uri
    properties["tags"] = {
        **(properties.get("tags") or {}),
        runs.STACK: job.inputs["stack_uid"],
        runs.JOB: job.inputs["name"],
        _BESIDE: "true",
    }
    id = f"{workspace.id}/jobs/{job.inputs['name']}-{secrets.token_hex(4)}"
    document = arm.put(id, {"properties": properties}, wait=False)
    log(f"submitted {last(id)}" + (f": {page}" if (page := runs.studio(document)) else ""))
    if detach:
        return described(arm, workspace, document, metrics=False)
    try:
        document = runs.wait(arm, id, log)
    except (Interrupted, KeyboardInterrupt):
        runs.stop_interrupted(arm, id)
        raise
    return ended(arm, workspace, document, record.name)


def ended(arm: Arm, workspace: Workspace, document: Document, name: str) -> Run:
    """A run that has ended. Raises TargetError for one that did not succeed."""
    run = described(arm, workspace, document)
    if run.status != "succeeded":
        said = joblogs.tail(arm, workspace, document, _TAIL)
        raise told.failed(run, name, said, runs.studio(document))
    return run


def cancel(arm: Arm, record: Record, run: str | None) -> str:
    """Stop the runs of a job that go, or this one; the id of the (newest) one that was stopped."""
    job = children.one(record, children.JOB)
    workspace = Workspace.of(job.inputs["workspace_id"])
    known = runs.of_stack(arm, workspace, job.inputs["stack_uid"], job.inputs["name"])
    if run is not None:
        known = [document for document in known if last(document["id"]) == run]
        if not known:
            raise told.unknown(record.name, run)
    stopped = [last(document["id"]) for document in known if runs.stop(arm, document)]
    if not stopped:
        raise told.not_running(record.name, run)
    return stopped[0]
