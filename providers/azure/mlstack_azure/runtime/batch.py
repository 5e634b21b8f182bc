"""Batch endpoints: data scored by a job of Azure ML's own, begun at the endpoint's address."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Record, Run, Scored, Scoring, Site
from mlstack_azure import runs
from mlstack_azure.arm import Arm, Workspace, last
from mlstack_azure.arm.client import Document, Interrupted
from mlstack_azure.arm.failures import HttpFailure
from mlstack_azure.runtime import children, jobs
from mlstack_azure.runtime.invoke import reached, send
from mlstack_azure.tree import TREE

#: What a job of a batch endpoint carries in its properties: the endpoint's name.
_ENDPOINT = "azureml.endpointName"
_DEPLOYMENT = "azureml-model-deployment"


def score(
    arm: Arm,
    site: Site,
    record: Record,
    wanted: Scoring,
    watch: Callable[[Scored], None],
    log: Callable[[str], None],
) -> Run:
    """Begin a run (or go on waiting for ``resume``), and wait for it unless it is only to be started."""
    workspace = Workspace.of(children.workspace_of(record))
    if wanted.resume is not None:
        document = arm.find(f"{workspace.id}/jobs/{wanted.resume}")
        if document is None:
            raise UsageError(
                f"batch endpoint {record.name!r} has no run {wanted.resume!r}",
                code="unknown-run",
                remedy="leave --resume out to begin one",
            )
        if runs.state_of(document) in ("failed", "cancelled"):
            raise UsageError(
                f"the run {wanted.resume!r} has ended, and Azure ML does not go on with one",
                code="unsupported",
                remedy="begin a new one: what fails within a run is tried again by it, as max_errors says",
            )
    else:
        document = _begin(arm, site, workspace, record, wanted, log)
    if wanted.detach:
        return jobs.described(arm, workspace, document, metrics=False)
    try:
        done = runs.wait(arm, document["id"], log, lambda _: watch(Scored(0, 0, 0, 0.0)))
    except (Interrupted, KeyboardInterrupt):
        runs.stop_interrupted(arm, document["id"])
        raise
    return jobs.ended(arm, workspace, done, record.name)


def newest(arm: Arm, record: Record) -> str:
    """The name of the endpoint's newest run. Raises UsageError where it has none."""
    for document in _runs(arm, record):
        return last(document["id"])
    raise UsageError(
        f"batch endpoint {record.name!r} has not run yet",
        code="no-log",
        remedy=f"`mlstack invoke {record.name} --data FILE` begins a run",
    )


def cancel(arm: Arm, record: Record, run: str | None) -> str:
    for document in _runs(arm, record):
        if run in (None, last(document["id"])) and runs.stop(arm, document):
            return last(document["id"])
    raise UsageError(
        f"batch endpoint {record.name!r} has no run that goes" + (f" and is {run!r}" if run else ""),
        code="not-running",
        remedy="the studio's page of the endpoint shows its runs",
    )


def _runs(arm: Arm, record: Record) -> list[Document]:
    workspace = Workspace.of(children.workspace_of(record))
    name = last(children.endpoint_id(record))
    found = [
        document
        for document in arm.pages(f"{workspace.id}/jobs", listViewType="ActiveOnly")
        if (document["properties"].get("properties") or {}).get(_ENDPOINT) == name
    ]
    return sorted(found, key=lambda document: runs.created(document) or 0.0, reverse=True)


def _begin(
    arm: Arm,
    site: Site,
    workspace: Workspace,
    record: Record,
    wanted: Scoring,
    log: Callable[[str], None],
) -> Document:
    url = str(record.outputs.get("url") or "")
    url = reached(arm, record, url)
    kind, uri = _data(arm, site, workspace, wanted.data, log)
    properties: dict[str, Any] = {
        "InputData": {"data": {"JobInputType": kind, "Uri": uri}},
        "properties": {"experimentName": record.name},
    }
    if wanted.output is not None:
        raise UsageError(
            "Azure ML writes scores into the workspace's storage, not into a folder of this machine",
            code="unsupported",
            remedy="leave --output out; the run says where its scores are (`az storage blob download`)",
        )
    if wanted.mini_batch is not None:
        properties["miniBatchSize"] = wanted.mini_batch
    if wanted.max_errors is not None:
        properties["errorThreshold"] = wanted.max_errors
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {arm.token(arm.cloud.ml_audience)}",
    }
    if wanted.deployment is not None:
        headers[_DEPLOYMENT] = children.deployment(record, wanted.deployment)
    body = json.dumps({"properties": properties}).encode()
    answer = send("POST", url, headers, body, record.name)
    if answer.status >= 400 or not isinstance(answer.body, dict):
        raise HttpFailure(
            f"batch endpoint {record.name!r} refuses: {_said(answer.body)}",
            status=answer.status,
            azure_code="",
            where=url,
            code="invoke-failed",
            category="permission" if answer.status in (401, 403) else "user",
            remedy='ask for the role "AzureML Data Scientist" on the workspace'
            if answer.status in (401, 403)
            else "mend what the message names",
        )
    name = str(answer.body.get("name") or last(str(answer.body.get("id"))))
    log(f"submitted {name}")
    found = arm.find(f"{workspace.id}/jobs/{name}")
    if found is None:
        raise TargetError(f"the run {name} that was begun is not there", where=url)
    return found


def _data(
    arm: Arm, site: Site, workspace: Workspace, data: Path | Record | None, log: Callable[[str], None]
) -> tuple[str, str]:
    """(UriFile or UriFolder, URI) of what is to be scored; a path of this machine is uploaded first."""
    if isinstance(data, Record):
        uri = str(data.outputs["uri"])
        return ("UriFolder" if uri.endswith("/") else "UriFile"), uri
    if data is None:
        raise UsageError("say what is to be scored", remedy="--data FILE, FOLDER or data.NAME")
    from mlstack.resource import Context
    from mlstack_azure.resources.upload import Upload, UploadInputs

    path = data.resolve()
    inputs = UploadInputs(
        stack_uid=site.stack_uid,
        home="scored",
        workspace_id=workspace.id,
        path=str(path),
        digest=TREE.version(path, plain=True),
        plain=True,
    )
    made = Upload().create(Context(site.root, "", "scored", arm.cancelled, log), inputs)
    return ("UriFolder" if path.is_dir() else "UriFile"), str(made.outputs["uri"])


def _said(body: Any) -> str:
    if isinstance(body, dict):
        error = body.get("error")
        return str(error.get("message") if isinstance(error, dict) else error or body)
    return str(body)
