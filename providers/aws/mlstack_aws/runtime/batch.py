"""Batch endpoints: data scored by a transform job with the model of a deployment.

A run's name begins with that of the stack's endpoint, so that the runs of an endpoint are found by it, and a
run that was begun is gone on with by its name (``resume``). What is sent is one row a line: CSV without a
header, or JSON lines.

Source: SageMaker's API reference, CreateTransformJob; developer guide, "Batch transform".
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlstack.content import fingerprint
from mlstack.errors import TargetError, UsageError
from mlstack.runtime import ChildRecord, Record, Run, Scored, Scoring, Site
from mlstack_aws import transforms as settings
from mlstack_aws.cloud import Interrupted, gone, told, wait
from mlstack_aws.disks import OWN_DISK
from mlstack_aws.runtime import children
from mlstack_aws.runtime.account import Account

Document = Mapping[str, Any]
#: Of files, by their ending: content type, and how AWS parts them.
_TYPES = {
    ".csv": ("text/csv", "Line"),
    ".jsonl": ("application/jsonlines", "Line"),
    ".json": ("application/json", "None"),
    ".npy": ("application/x-npy", "None"),
}
_STATES = {
    "InProgress": "running",
    "Stopping": "running",
    "Completed": "succeeded",
    "Failed": "failed",
    "Stopped": "cancelled",
}
_UPLOADS = "scored"


def score(
    aws: Account,
    site: Site,
    record: Record,
    wanted: Scoring,
    watch: Callable[[Scored], None],
    log: Callable[[str], None],
) -> Run:
    """Begin a run (or go on waiting for ``resume``), and wait for it unless it is only to be started."""
    if wanted.resume is not None:
        found = _of(aws, record, wanted.resume)
        if _state(found) in ("failed", "cancelled"):
            raise UsageError(
                f"the run {wanted.resume!r} has ended, and a transform job does not go on",
                code="unsupported",
                remedy="begin a new one",
            )
    else:
        found = _begin(aws, site, record, wanted, log)
    name = str(found["TransformJobName"])
    if wanted.detach:
        return described(found)

    def look() -> Document | None:
        now = _of(aws, record, name)
        watch(Scored(0, 0, 0, 0.0))
        return None if _state(now) == "running" else now

    try:
        ended = wait(aws, look, f"transform job {name}")
    except (Interrupted, KeyboardInterrupt):
        log(f"{name} goes on; `mlstack invoke {record.name} --resume {name}` waits for it")
        raise
    if _state(ended) != "succeeded":
        why = ended.get("FailureReason") or "AWS does not say why"
        raise TargetError(
            f"the run {name} of {record.name!r} {_state(ended)}: {why}",
            where=name,
            code="job-failed",
            category="user",
            remedy=f"`mlstack logs {record.name}` shows what the model said",
        )
    run = described(ended)
    if wanted.output is not None:
        _fetch(aws, record, str(run.outputs["predictions"]), wanted.output)
        log(f"scores are in {wanted.output}")
    return run


def described(found: Document) -> Run:
    started, ended = found.get("TransformStartTime"), found.get("TransformEndTime")
    data = found["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    return Run(
        id=str(found["TransformJobName"]),
        status=_state(found),
        outputs={"predictions": found["TransformOutput"]["S3OutputPath"]},
        inputs={"data": str(data)},
        message=str(found.get("FailureReason") or ""),
        started=started.timestamp() if started else None,
        seconds=(ended - started).total_seconds() if started and ended else None,
    )


def newest(aws: Account, record: Record) -> str:
    """The name of the endpoint's newest run. Raises UsageError where it has none."""
    for summary in _runs(aws, record):
        return str(summary["TransformJobName"])
    raise UsageError(
        f"batch endpoint {record.name!r} has not run yet",
        code="no-log",
        remedy=f"`mlstack invoke {record.name} --data FILE` begins a run",
    )


def cancel(aws: Account, record: Record, run: str | None) -> str:
    for summary in _runs(aws, record):
        name = str(summary["TransformJobName"])
        if run in (None, name) and summary["TransformJobStatus"] == "InProgress":
            with told(f"transform job {name}"):
                aws.of("sagemaker", record).stop_transform_job(TransformJobName=name)
            return name
    raise UsageError(
        f"batch endpoint {record.name!r} has no run that goes" + (f" and is {run!r}" if run else ""),
        code="not-running",
        remedy="`aws sagemaker list-transform-jobs` shows all runs",
    )


def _state(found: Document) -> str:
    return _STATES[str(found["TransformJobStatus"])]


def _prefix(record: Record) -> str:
    """What the names of an endpoint's runs begin with: one of its models' tail tells the stack."""
    child = children.one(record, children.MODEL)
    tags = child.inputs.get("tags") or {}
    return f"{record.name}-{fingerprint(str(tags.get('mlstack-stack')), record.name)[:8]}"


def _runs(aws: Account, record: Record) -> list[Document]:
    """The newest first."""
    prefix = _prefix(record)
    with told(f"batch endpoint {record.name}"):
        pages = aws.of("sagemaker", record).get_paginator("list_transform_jobs")
        found = [
            each
            for page in pages.paginate(NameContains=prefix, SortBy="CreationTime", SortOrder="Descending")
            for each in page["TransformJobSummaries"]
        ]
    return [each for each in found if str(each["TransformJobName"]).startswith(prefix)]


def _of(aws: Account, record: Record, run: str) -> Document:
    with gone(), told(f"transform job {run}"):
        found: Document = aws.of("sagemaker", record).describe_transform_job(TransformJobName=run)
        return found
    raise UsageError(
        f"batch endpoint {record.name!r} has no run {run!r}",
        code="unknown-run",
        remedy="leave --resume out to begin one",
    )


def _begin(aws: Account, site: Site, record: Record, wanted: Scoring, log: Callable[[str], None]) -> Document:
    model = _model(record, wanted.deployment)
    tags: Mapping[str, Any] = model.inputs.get("tags") or {}
    strategy = str(tags.get(settings.STRATEGY) or "MultiRecord")
    if wanted.mini_batch is not None:
        if wanted.mini_batch > 1:
            log("a transform job fills a request up to 6 MB, whatever the number of rows")
        strategy = "SingleRecord" if wanted.mini_batch == 1 else "MultiRecord"
    if wanted.max_errors:
        log("a transform job fails with the first request that the model refuses")
    place = f"{tags[settings.PLACE]}/{_UPLOADS}/{record.name}"
    uri = _data(aws, record, place, wanted.data)
    content_type, split = _type(uri)
    name = f"{_prefix(record)}-{secrets.token_hex(4)}"
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}
    output: dict[str, Any] = {"S3OutputPath": f"{place}/{name}"}
    if split == "Line":
        output |= {"AssembleWith": "Line", "Accept": "text/csv"}
    instance = str(tags[settings.INSTANCE])
    resources: dict[str, Any] = {"InstanceType": instance, "InstanceCount": int(tags[settings.COUNT])}
    if key := tags.get(settings.KEY):
        output["KmsKeyId"] = key
        if not OWN_DISK.match(instance):
            resources["VolumeKmsKeyId"] = key
    request: dict[str, Any] = {
        "TransformJobName": name,
        "ModelName": model.outputs.get("name") or model.inputs["name"],
        "TransformInput": {"DataSource": data, "ContentType": content_type, "SplitType": split},
        "TransformOutput": output,
        "TransformResources": resources,
        "Tags": [{"Key": "mlstack-stack", "Value": site.stack_uid}],
    }
    if split == "Line":
        request["BatchStrategy"] = strategy
    if tags.get(settings.TIMEOUT):
        request["ModelClientConfig"] = {"InvocationsTimeoutInSeconds": int(tags[settings.TIMEOUT])}
    with told(f"batch endpoint {record.name}"):
        aws.of("sagemaker", record).create_transform_job(**request)
    log(f"submitted {name}")
    return _of(aws, record, name)


def _model(record: Record, deployment: str | None) -> ChildRecord:
    models = children.of_type(record, children.MODEL)
    names = children.deployments(record)
    if deployment is not None:
        wanted = names[children.deployment(record, deployment)]
    else:
        held = children.held(record)
        spec = next((name for name, each in held.items() if int(each.get("traffic") or 0) == 100), None)
        wanted = names[spec] if spec is not None else ""
    for model in models:
        if wanted in (model.id, model.outputs.get("name"), model.inputs.get("name")):
            return model
    return children.one(record, children.MODEL)


def _data(aws: Account, record: Record, place: str, data: Path | Record | None) -> str:
    """URI of what is to be scored; a path of this machine is uploaded first."""
    if isinstance(data, Record):
        return str(data.outputs["uri"])
    if data is None:
        raise UsageError("say what is to be scored", remedy="--data FILE, FOLDER or data.NAME")
    path = data.resolve()
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    contents = {each.relative_to(path.parent).as_posix(): _content(each) for each in files}
    digest = fingerprint(*(f"{name} {fingerprint(held.hex())}" for name, held in contents.items()))[:12]
    folder = f"{place}/data/{digest}"
    parts = urlsplit(folder)
    client = aws.of("s3", record)
    for name, content in contents.items():
        with told(f"{folder}/{name}"):
            client.put_object(Bucket=parts.netloc, Key=f"{parts.path.strip('/')}/{name}", Body=content)
    return f"{folder}/{path.name}" + ("/" if path.is_dir() else "")


def _content(path: Path) -> bytes:
    """A file as a model is to be sent it: of a CSV the rows, without the names of the columns."""
    held = path.read_bytes()
    if path.suffix.lower() != ".csv":
        return held
    first, _, rest = held.partition(b"\n")
    cells = next(csv.reader(io.StringIO(first.decode("utf-8-sig"))), [])
    return held if any(_is_number(cell) for cell in cells) or not rest.strip() else rest


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _type(uri: str) -> tuple[str, str]:
    ending = Path(uri.rstrip("/")).suffix.lower()
    if uri.endswith("/"):
        return _TYPES[".csv"]
    if ending not in _TYPES:
        raise UsageError(
            f"a transform job is not told how to part {uri.rpartition('/')[2]!r}",
            code="unsupported",
            remedy=f"give one of {', '.join(_TYPES)}",
        )
    return _TYPES[ending]


def _fetch(aws: Account, record: Record, uri: str, folder: Path) -> None:
    parts = urlsplit(uri)
    prefix = parts.path.strip("/") + "/"
    client = aws.of("s3", record)
    with told(uri):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=parts.netloc, Prefix=prefix):
            for each in page.get("Contents") or ():
                place = folder / each["Key"].removeprefix(prefix)
                place.parent.mkdir(parents=True, exist_ok=True)
                client.download_file(parts.netloc, each["Key"], str(place))
