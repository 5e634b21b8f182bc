"""Batch endpoints: data scored by a batch prediction job of Vertex AI's, made of the settings in the state.

The platform names a job itself. One is found again by its labels: the stack, the endpoint.

Source: BatchPredictionJob of google.cloud.aiplatform.v1; "Get batch inferences from a custom trained model"
(the formats csv and jsonl; what is written below the output's prefix).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.provider import STACK_TAG
from mlstack.runtime import Record, Run, Scored, Scoring, Site
from mlstack_gcp import cloud
from mlstack_gcp.kinds.batch import PLACE, SETTINGS
from mlstack_gcp.names import label
from mlstack_gcp.runtime import children

_ENDPOINT = "mlstack-endpoint"
_LOOK = 10.0
_STATES = {
    "JOB_STATE_QUEUED": "pending",
    "JOB_STATE_PENDING": "pending",
    "JOB_STATE_RUNNING": "running",
    "JOB_STATE_CANCELLING": "running",
    "JOB_STATE_UPDATING": "running",
    "JOB_STATE_SUCCEEDED": "succeeded",
    # some rows failed, and the others are scored; max_errors says whether that is a failure
    "JOB_STATE_PARTIALLY_SUCCEEDED": "succeeded",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
}
_ENDED = frozenset({"succeeded", "failed", "cancelled"})
_FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".tfrecord": "tf-record"}


def score(
    site: Site,
    record: Record,
    wanted: Scoring,
    watch: Callable[[Scored], None],
    log: Callable[[str], None],
) -> Run:
    """Begin a run (or go on waiting for ``resume``), and wait for it unless it is only to be started."""
    settings = _settings(record, wanted.deployment)
    if wanted.resume is not None:
        name = named(record, wanted.resume)
        if _get(name) is None:
            raise UsageError(
                f"batch endpoint {record.name!r} has no run {wanted.resume!r}",
                code="unknown-run",
                remedy="leave --resume out to begin one",
            )
    else:
        name = _begin(site, record, settings, wanted, log)
    if wanted.detach:
        return _described(_get(name))
    most = wanted.max_errors if wanted.max_errors is not None else settings.get("max_errors")
    try:
        job = _wait(name, watch, most)
    except KeyboardInterrupt:
        log(
            f"{_last(name)} goes on: `mlstack invoke {record.name} --resume {_last(name)}` waits for it again"
        )
        raise
    return _ended(record, job, most)


def newest(site: Site, record: Record) -> str:
    """The full name of the endpoint's newest run. Raises UsageError where it has none."""
    for job in _runs(site, record):
        return str(job.name)
    raise UsageError(
        f"batch endpoint {record.name!r} has not run yet",
        code="no-log",
        remedy=f"`mlstack invoke {record.name} --data FILE` begins a run",
    )


def named(record: Record, run: str) -> str:
    """The full name of a run."""
    if run.startswith("projects/"):
        return run
    settings = _settings(record, None)
    return f"{_parent(settings)}/batchPredictionJobs/{run}"


def read_now(site: Site, record: Record) -> list[str]:
    """What runs that go are scoring, by its URIs."""
    going = [job for job in _runs(site, record) if _state(job) not in _ENDED]
    return [uri for job in going for uri in job.input_config.gcs_source.uris]


def has_ended(name: str) -> bool:
    job = _get(name)
    return job is None or _state(job) in _ENDED


def cancel(site: Site, record: Record, run: str | None) -> str:
    for job in _runs(site, record):
        if run in (None, _last(job.name)) and _state(job) not in _ENDED:
            with cloud.told(job.name):
                _client(job.name).cancel_batch_prediction_job(name=job.name)
            return _last(job.name)
    raise UsageError(
        f"batch endpoint {record.name!r} has no run that goes" + (f" and is {run!r}" if run else ""),
        code="not-running",
        remedy="the console's page of batch inferences shows its runs",
    )


def _settings(record: Record, deployment: str | None) -> dict[str, Any]:
    """What a run is made of: of one deployment, or of the one with all the traffic."""
    found: dict[str, dict[str, Any]] = {}
    for child in record.children:
        texts = child.inputs.get("texts")
        if child.type == "mlstack:gcp:Upload" and isinstance(texts, Mapping) and SETTINGS in texts:
            said, placed = json.loads(str(texts[SETTINGS])), json.loads(str(texts[PLACE]))
            found[said["deployment"]] = {**said, **placed, "job": {**said["job"], **placed["job"]}}
    if not found:
        raise UsageError(
            f"endpoint {record.name!r} is not in the stack's state yet",
            code="not-in-stack",
            remedy="run `mlstack up`",
        )
    if deployment is not None:
        children.deployment(record, deployment)  # an error with its remedy, where there is none
        return found[deployment]
    shares = {name: held.get("traffic") or 0 for name, held in children.deployments(record).items()}
    return found[max(found, key=lambda name: shares.get(name, 0))]


def _begin(
    site: Site, record: Record, settings: Mapping[str, Any], wanted: Scoring, log: Callable[[str], None]
) -> str:
    if wanted.output is not None:
        raise UsageError(
            "Vertex AI writes scores into the stack's bucket, not into a folder of this machine",
            code="unsupported",
            remedy="leave --output out; the run says where its scores are (`gcloud storage cp` brings them)",
        )
    from google.cloud.aiplatform_v1.types import BatchPredictionJob

    uri, form = _data(site, settings, wanted.data, log)
    job = dict(settings["job"])
    job["labels"] = {
        **job.get("labels", {}),
        STACK_TAG: label(site.stack_uid),
        _ENDPOINT: label(record.name),
    }
    job["inputConfig"] = {"instancesFormat": form, "gcsSource": {"uris": [uri]}}
    job["outputConfig"] = {
        "predictionsFormat": "jsonl",
        "gcsDestination": {"outputUriPrefix": f"{settings['output']}/scored/{record.name}"},
    }
    if wanted.mini_batch is not None:
        job["manualBatchTuningParameters"] = {"batchSize": wanted.mini_batch}
    message = BatchPredictionJob.from_json(json.dumps(job))
    with cloud.told(f"scoring by {record.name}"):
        made = _client(_parent(settings)).create_batch_prediction_job(
            parent=_parent(settings), batch_prediction_job=message
        )
    log(f"submitted {_last(made.name)}")
    return str(made.name)


def _data(
    site: Site, settings: Mapping[str, Any], data: Path | Record | None, log: Callable[[str], None]
) -> tuple[str, str]:
    """(URI, format) of what is to be scored; a path of this machine is uploaded first."""
    if isinstance(data, Record):
        uri = str(data.outputs["uri"])
        return (f"{uri}*" if uri.endswith("/") else uri), _format(uri.rstrip("/").rpartition("/")[2])
    if data is None:
        raise UsageError("say what is to be scored", remedy="--data FILE, FOLDER or data.NAME")
    from mlstack.resource import Context
    from mlstack_gcp.provider import Gcp
    from mlstack_gcp.tree import TREE
    from mlstack_gcp.uploads import TOKEN

    path = data.resolve()
    names = [path.name] if path.is_file() else [each.name for each in sorted(path.iterdir())]
    form = _format(next((name for name in names if Path(name).suffix in _FORMATS), names[0]))
    upload = Gcp().resource(TOKEN)
    inputs = upload.Inputs.model_validate(
        {
            "stack_uid": site.stack_uid,
            "home": "scored",
            "project": settings["project"],
            "bucket": str(settings["output"]).removeprefix("gs://"),
            "path": str(path),
            "digest": TREE.version(path, plain=True),
            "plain": True,
        }
    )
    made = upload.create(Context(site.root, "", "scored", log=log), inputs)
    uri = str(made.outputs["uri"])
    return (f"{uri}*" if uri.endswith("/") else uri), form


def _format(name: str) -> str:
    """How rows are written, by a file's name; of a folder whose name says nothing, JSON by the line."""
    suffix = Path(name).suffix.lower()
    if suffix and suffix not in _FORMATS:
        raise UsageError(
            f"Vertex AI scores no {suffix} files",
            code="unsupported",
            remedy=f"write the rows as one of {', '.join(_FORMATS)}",
        )
    return _FORMATS.get(suffix, "jsonl")


def _wait(name: str, watch: Callable[[Scored], None], most: int | None) -> Any:
    """The job when it has ended. One with more failed rows than may be is stopped."""
    pause, stopped = threading.Event(), False
    while True:
        job = _get(name)
        if job is None:
            raise TargetError(f"the run {_last(name)} is gone", where=name, category="conflict")
        stats = job.completion_stats
        done, failed = int(stats.successful_count), int(stats.failed_count)
        watch(Scored(done, done + failed + max(0, int(stats.incomplete_count)), failed, 0.0))
        if _state(job) in _ENDED:
            return job
        if most is not None and failed > most and not stopped:
            with cloud.told(name):
                _client(name).cancel_batch_prediction_job(name=name)
            stopped = True
        pause.wait(0.05 if cloud.emulated() else _LOOK)


def _ended(record: Record, job: Any, most: int | None) -> Run:
    """A run that has ended. Raises TargetError for one that did not succeed."""
    run = _described(job)
    failed = int(job.completion_stats.failed_count)
    if run.status == "succeeded" and (most is None or failed <= most):
        return run
    why = f"{failed} rows failed, and {most} may" if most is not None and failed > most else job.error.message
    raise TargetError(
        "\n".join(filter(None, (f"the run {run.id} of {record.name!r} {run.status}", why))),
        where=job.name,
        code="run-failed",
        category="user",
        remedy=f"`mlstack logs {record.name} --run {run.id}` has what its containers printed; rows that "
        "failed are listed beside the scores",
    )


def _described(job: Any) -> Run:
    started = job.create_time.timestamp() if job.create_time else None
    ended = job.end_time.timestamp() if job.end_time else None
    outputs = {}
    if job.output_info.gcs_output_directory:
        outputs["scores"] = str(job.output_info.gcs_output_directory)
    stats = job.completion_stats
    return Run(
        id=_last(job.name),
        status=_state(job),
        outputs=outputs,
        metrics={"rows": float(stats.successful_count), "failed": float(stats.failed_count)},
        message=str(job.error.message),
        started=started,
        seconds=ended - started if started is not None and ended is not None else None,
    )


def _runs(site: Site, record: Record) -> list[Any]:
    """The endpoint's runs, the newest first."""
    settings = _settings(record, None)
    labels = {STACK_TAG: label(site.stack_uid), _ENDPOINT: label(record.name)}
    wanted = " AND ".join(f'labels.{key}="{value}"' for key, value in labels.items())
    with cloud.told(_parent(settings)):
        listed = _client(_parent(settings)).list_batch_prediction_jobs(
            request={"parent": _parent(settings), "filter": wanted}
        )
        found = [job for job in listed if labels.items() <= dict(job.labels).items()]
    return sorted(
        found, key=lambda job: job.create_time.timestamp() if job.create_time else 0.0, reverse=True
    )


def _get(name: str) -> Any:
    try:
        with cloud.told(name):
            return _client(name).get_batch_prediction_job(name=name)
    except cloud.CloudFailure as failure:
        if failure.status == 404:
            return None
        raise


def _client(name: str) -> Any:
    """The client for jobs, in the region of a full name or a parent."""
    return cloud.client("Job", name.split("/")[3])


def _parent(settings: Mapping[str, Any]) -> str:
    return f"projects/{settings['project']}/locations/{settings['location']}"


def _state(job: Any) -> str:
    return _STATES.get(job.state.name, "pending")


def _last(name: str) -> str:
    return name.rpartition("/")[2]
