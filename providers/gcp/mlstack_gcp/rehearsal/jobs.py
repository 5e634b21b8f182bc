"""Jobs as they go: a step further each time that somebody looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from mlstack_gcp.rehearsal import gcs, logs, monitoring
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now
from mlstack_gcp.rehearsal.refusals import Refused
from mlstack_gcp.rehearsal.rules.monitoring import MONITOR

BEGINS = {"state": "JOB_STATE_PENDING"}
PIPELINE = {"state": "PIPELINE_STATE_PENDING"}
_NEXT = {
    f"{kind}_STATE_{before}": f"{kind}_STATE_{after}"
    for kind in ("JOB", "PIPELINE")
    for before, after in (
        ("PENDING", "RUNNING"),
        ("RUNNING", "SUCCEEDED"),
        ("CANCELLING", "CANCELLED"),
    )
}
_JOBS = ("aiplatform:CustomJob", "aiplatform:BatchPredictionJob", "aiplatform:PipelineJob")


def looked_at(cloud: Cloud, kind: str, name: str) -> Document:
    """A document; of a job, a step further on. Refused NOT_FOUND."""
    with cloud.world.transaction():
        document = cloud.there(name)
        if kind == MONITOR and monitoring.looked_at(cloud, document):
            cloud.put(name, kind, document)
        after = _NEXT.get(str(document.get("state"))) if kind in _JOBS else None
        if after is None:
            return document
        document["state"], document["updateTime"] = after, now()
        if after.endswith("RUNNING"):
            document["startTime"] = now()
        elif after.endswith(("SUCCEEDED", "CANCELLED")):
            document["endTime"] = now()
            if after.endswith("SUCCEEDED"):
                _finish(cloud, kind, document)
        cloud.put(name, kind, document)
    return document


def _finish(cloud: Cloud, kind: str, document: Document) -> None:
    """What the run leaves: its output where it was to write, and a line of its log."""
    id = document["name"].rpartition("/")[2]
    about = {"job_id": id, "task_name": "workerpool0-0"}
    logs.write(cloud, id, "ml_job", about, f"{document.get('displayName', id)}: rehearsed, nothing ran")
    if kind == "aiplatform:CustomJob":
        output = (document.get("jobSpec", {}).get("baseOutputDirectory") or {}).get("outputUriPrefix")
        if output:
            gcs.write(cloud, f"{output.rstrip('/')}/model/rehearsal.json", json.dumps({"job": id}).encode())
    elif kind == "aiplatform:BatchPredictionJob":
        to = (document.get("outputConfig", {}).get("gcsDestination") or {}).get("outputUriPrefix")
        if to:
            folder = f"{to.rstrip('/')}/prediction-{document.get('displayName', id)}-{id}"
            line = json.dumps({"instance": {}, "prediction": {"rehearsal": True}}).encode()
            gcs.write(cloud, f"{folder}/prediction.results-00000-of-00001", line + b"\n")
            document["outputInfo"] = {"gcsOutputDirectory": folder}
        document["completionStats"] = {"successfulCount": "1"}


def _cancel(kind: str) -> Callable[[Cloud, Document], Document]:
    def act(cloud: Cloud, said: Document) -> Document:
        with cloud.world.transaction():
            document = cloud.there(said["name"])
            head, _, state = str(document.get("state")).rpartition("_STATE_")
            if state in ("SUCCEEDED", "FAILED", "CANCELLED"):
                raise Refused("FAILED_PRECONDITION", f"The job {said['name']} is {document.get('state')}.")
            document["state"] = f"{head}_STATE_CANCELLING"
            cloud.put(said["name"], kind, document)
        return {}

    return act


def _state(kind: str, state: str, time: str) -> Callable[[Cloud, Document], Document]:
    def act(cloud: Cloud, said: Document) -> Document:
        with cloud.world.transaction():
            document = cloud.there(said["name"])
            document["state"] = state
            if time:
                document[time] = now()
            cloud.put(said["name"], kind, document)
        return {}

    return act


_SCHEDULE = "aiplatform:Schedule"
CALLS: Mapping[str, tuple[Callable[[Cloud, Document], Document], str]] = {
    "CancelCustomJob": (_cancel("aiplatform:CustomJob"), ""),
    "CancelBatchPredictionJob": (_cancel("aiplatform:BatchPredictionJob"), ""),
    "CancelPipelineJob": (_cancel("aiplatform:PipelineJob"), ""),
    "PauseSchedule": (_state(_SCHEDULE, "PAUSED", "lastPauseTime"), ""),
    "ResumeSchedule": (_state(_SCHEDULE, "ACTIVE", "lastResumeTime"), ""),
}
