"""Runs of a job: those there are, one beside the stack's own, the end of one that goes."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from mlstack.lowering import runs as told
from mlstack.lowering.shell import literal
from mlstack.runtime import Artifact, ChildRecord, Record, Run
from mlstack_aws import cloud, joblogs, runs
from mlstack_aws.runs import Document
from mlstack_aws.runtime.account import Account
from mlstack_aws.runtime.children import one
from mlstack_aws.work import CODE, SCRIPT, variable

TYPE = "mlstack:aws:Job"
#: Runs that are looked into, a few requests each.
_LOOKED_INTO = 20
_TAIL = 20
#: The tag of a run that `mlstack run` has begun.
_BESIDE = "mlstack-beside"
_VALUE = variable("inputs", "")


def reach(aws: Account, job: ChildRecord) -> tuple[runs.Sort, Any]:
    return runs.SORTS[job.inputs.get("sort") or "training"], aws.client("sagemaker", job.inputs["region"])


def known(aws: Account, job: ChildRecord) -> list[Document]:
    """Summaries of the runs of a job, the newest first."""
    sort, sagemaker = reach(aws, job)
    return runs.of_stack(sort, sagemaker, job.inputs["stack_uid"], job.inputs["name"])


def history(aws: Account, record: Record) -> list[Run]:
    """All runs of the job that SageMaker still has, the newest first; of older ones only how they ended."""
    job = one(record, TYPE)
    sort, sagemaker = reach(aws, job)
    own = job.outputs.get("run")
    found = []
    for number, summary in enumerate(known(aws, job)):
        name = sort.name_of(summary)
        document = sort.find(sagemaker, name) if number < _LOOKED_INTO else None
        if document is not None:
            found.append(_described(aws, job, document, own=name == own))
        else:
            found.append(Run(id=name, status=runs.state_of(sort, summary), own=name == own))
    return found


def status(aws: Account, record: Record) -> tuple[str, str, str | None]:
    """(state, detail, page) of the stack's own run: a state of `mlstack status`."""
    job = one(record, TYPE)
    sort, sagemaker = reach(aws, job)
    document = sort.find(sagemaker, str(job.outputs["run"]))
    if document is None:
        return "absent", f"the run {job.outputs['run']} is not there any more", None
    state = runs.state_of(sort, document)
    words = {"succeeded": "ready", "cancelled": "stopped"}
    return (
        words.get(state, state),
        runs.reason(document) or str(job.outputs["run"]),
        runs.page(sort, document),
    )


def beside(
    aws: Account,
    record: Record,
    inputs: Mapping[str, Any],
    log: Callable[[str], None],
    *,
    artifact: Callable[[str], Artifact],
    detach: bool,
) -> Run:
    """Submit the job as the stack has it, with other inputs; wait for it unless ``detach``."""
    job = one(record, TYPE)
    sort, sagemaker = reach(aws, job)
    request = _with(copy.deepcopy(dict(job.inputs["request"])), record.name, inputs, artifact)
    uid, name = job.inputs["stack_uid"], job.inputs["name"]
    run = runs.beginning(uid, name) + secrets.token_hex(4)
    tags = {**job.inputs.get("tags", {}), runs.STACK: uid, runs.JOB: name, _BESIDE: "true"}
    document = runs.submit(sort, sagemaker, run, request, tags)
    log(f"submitted {run}: {runs.page(sort, document)}")
    if detach:
        return _described(aws, job, document)
    try:
        document = runs.wait(sort, sagemaker, run, aws, log)
    except (cloud.Interrupted, KeyboardInterrupt):
        if (left := sort.find(sagemaker, run)) is not None:
            runs.stop(sort, sagemaker, left)
        raise
    return _ended(aws, job, document, record.name)


def cancel(aws: Account, record: Record, run: str | None) -> str:
    """Stop the runs of a job that go, or this one; the id of the (newest) one that was stopped."""
    job = one(record, TYPE)
    sort, sagemaker = reach(aws, job)
    found = known(aws, job)
    if run is not None:
        found = [each for each in found if sort.name_of(each) == run]
        if not found:
            raise told.unknown(record.name, run)
    stopped = [sort.name_of(each) for each in found if runs.stop(sort, sagemaker, each)]
    if not stopped:
        raise told.not_running(record.name, run)
    return stopped[0]


def _with(
    request: dict[str, Any], job: str, inputs: Mapping[str, Any], artifact: Callable[[str], Artifact]
) -> dict[str, Any]:
    """The body with other inputs: values are variables, all else are channels."""
    values = request.get("Environment") or {}
    channels = {
        each["ChannelName"]: each["DataSource"]["S3DataSource"] for each in request["InputDataConfig"]
    }
    for name, value in inputs.items():
        if variable("inputs", name) in values:
            values[variable("inputs", name)] = literal(value)
        elif name in channels and name not in (SCRIPT, CODE):
            channels[name]["S3Uri"] = artifact(str(value)).uri
        else:
            read = {key.removeprefix(_VALUE) for key in values if key.startswith(_VALUE)}
            names = sorted(({*channels} - {SCRIPT, CODE}) | read)
            raise told.unknown_input(job, name, names)
    return request


def _described(aws: Account, job: ChildRecord, document: Document, *, own: bool = False) -> Run:
    sort, _ = reach(aws, job)
    state, run = runs.state_of(sort, document), sort.name_of(document)
    version = str(job.outputs["fingerprint"]) if own else run
    types = job.inputs.get("outputs") or {}
    outputs = runs.outputs(sort, document, types, job.inputs.get("own"), version)
    started = document.get(f"{sort.word}StartTime") or document.get("CreationTime")
    ended = document.get(f"{sort.word}EndTime")
    return Run(
        id=run,
        status=state,
        outputs=outputs,
        metrics=_metrics(aws, job, document, outputs) if state == "succeeded" else {},
        inputs=_inputs(document),
        own=own,
        message="" if state != "failed" else runs.reason(document),
        started=started.timestamp() if started is not None else None,
        seconds=(ended - started).total_seconds() if ended is not None and started is not None else None,
    )


def _inputs(document: Document) -> dict[str, str]:
    values = {
        key.removeprefix(_VALUE): str(value)
        for key, value in (document.get("Environment") or {}).items()
        if key.startswith(_VALUE)
    }
    channels = {
        each["ChannelName"]: str(each["DataSource"]["S3DataSource"]["S3Uri"])
        for each in document.get("InputDataConfig") or []
        if each["ChannelName"] not in (SCRIPT, CODE)
    }
    return {**values, **channels}


def _metrics(
    aws: Account, job: ChildRecord, document: Document, outputs: Mapping[str, Mapping[str, str]]
) -> dict[str, float]:
    """What the platform has read from the log, and the numbers in the file that the output ``metrics`` is."""
    found = {
        str(each["MetricName"]): float(each["Value"]) for each in document.get("FinalMetricDataList") or []
    }
    uri = (outputs.get("metrics") or {}).get("uri")
    if uri is None:
        return found
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    store = aws.client("s3", job.inputs["region"])
    with cloud.gone(), cloud.told(uri):
        body = store.get_object(Bucket=bucket, Key=f"{key}metrics.json" if key.endswith("/") else key)
        try:
            held = json.loads(body["Body"].read())
        except ValueError:
            return found
        numbers = held.items() if isinstance(held, dict) else ()
        found |= {
            name: float(value)
            for name, value in numbers
            if isinstance(value, int | float) and not isinstance(value, bool)
        }
    return found


def _ended(aws: Account, job: ChildRecord, document: Document, name: str) -> Run:
    """A run that has ended. Raises TargetError for one that did not succeed."""
    sort, _ = reach(aws, job)
    run = _described(aws, job, document)
    if run.status != "succeeded":
        said = joblogs.tail(aws.client("logs", job.inputs["region"]), sort, run.id, _TAIL)
        raise told.failed(run, name, said, runs.page(sort, document))
    return run
