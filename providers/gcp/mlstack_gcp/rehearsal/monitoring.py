"""A job that monitors the models of an endpoint, as far as it lives: nothing is measured here.

States and what an update may change are those of google-cloud-aiplatform 2.7.0
(aiplatform_v1/types/model_deployment_monitoring_job.py: state; job_service.py:
UpdateModelDeploymentMonitoringJobRequest.update_mask). That only a running one is paused is what Google's own
tests expect (python-aiplatform, tests/system/aiplatform/test_model_monitoring.py at 006e652).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mlstack_gcp.rehearsal import messages
from mlstack_gcp.rehearsal.cloud import Cloud, Document, now
from mlstack_gcp.rehearsal.refusals import Refused, invalid
from mlstack_gcp.rehearsal.rules.monitoring import MONITOR
from mlstack_gcp.rehearsal.rules.times import seconds

BEGINS = {"state": "JOB_STATE_PENDING"}
_ENDPOINT = "vertex/aiEndpoint:AiEndpoint"
_FIELD = "modelDeploymentMonitoringJob"
_OBJECTIVES = "model_deployment_monitoring_objective_configs"
_MUTABLE = frozenset(
    {
        "display_name",
        "model_deployment_monitoring_schedule_config",
        "model_monitoring_alert_config",
        "logging_sampling_strategy",
        "labels",
        "log_ttl",
        "enable_monitoring_pipeline_logs",
        _OBJECTIVES,
    }
)
_PARTS = (
    "training_dataset",
    "training_prediction_skew_detection_config",
    "prediction_drift_detection_config",
)


def linked(cloud: Cloud, verb: str, name: str, document: Mapping[str, Any]) -> None:
    """The endpoint names the job that watches it (Endpoint.model_deployment_monitoring_job)."""
    with cloud.world.transaction():
        endpoint = cloud.get(str(document.get("endpoint", "")))
        if endpoint is None:
            return
        if verb == "Create":
            endpoint[_FIELD] = cloud.numbered(cloud.canonical(name))
        elif verb == "Delete":
            endpoint.pop(_FIELD, None)
        cloud.put(endpoint["name"], _ENDPOINT, endpoint)


def looked_at(cloud: Cloud, document: Document) -> bool:
    """Whether it was still being made, and is so no longer."""
    if document.get("state") != BEGINS["state"]:
        return False
    id = document["endpoint"].rpartition("/")[2]
    table = f"bq://{cloud.project}.model_deployment_monitoring_{id}.serving_predict"
    document |= {
        "state": "JOB_STATE_RUNNING",
        "scheduleState": "OFFLINE",
        "updateTime": now(),
        "nextScheduleTime": _next(document),
        "bigqueryTables": [{"logSource": "SERVING", "logType": "PREDICT", "bigqueryTablePath": table}],
    }
    return True


def _next(document: Mapping[str, Any]) -> str:
    every = seconds(document["modelDeploymentMonitoringScheduleConfig"]["monitorInterval"]) or 3600
    hours = -(-every // 3600)  # "rounded up to next full hour"
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def masked(old: Mapping[str, Any], new: Mapping[str, Any], mask: str) -> Document:
    """The old document with what the mask names of the new one. Refused INVALID_ARGUMENT: what cannot be
    changed."""
    whole: list[str] = []
    parts: list[str] = []
    for path in filter(None, mask.split(",")):
        snake = re.sub(r"[A-Z]", lambda one: "_" + one[0].lower(), path)
        part = snake.removeprefix(f"{_OBJECTIVES}.objective_config.")
        if part != snake and part in _PARTS:
            parts.append(messages.camel(part))
        elif snake in ("*", _OBJECTIVES) or snake.partition(".")[0] in _MUTABLE - {_OBJECTIVES}:
            whole.append(snake)
        else:
            raise invalid(
                f"The field mask path {path!r} cannot be changed on a ModelDeploymentMonitoringJob."
            )
    if "*" in whole:  # all that can be changed
        whole = sorted(_MUTABLE)
    document = messages.masked("ModelDeploymentMonitoringJob", old, new, ",".join(whole))
    if parts:
        document[messages.camel(_OBJECTIVES)] = _objectives(document, new, parts)
    return document


def _objectives(old: Mapping[str, Any], new: Mapping[str, Any], parts: list[str]) -> list[Document]:
    """The old objectives with parts of the new ones, by the deployed model that they are about."""
    key = messages.camel(_OBJECTIVES)
    given = {one.get("deployedModelId"): one.get("objectiveConfig") or {} for one in new.get(key, [])}
    found = []
    for one in old.get(key, []):
        config = dict(one.get("objectiveConfig") or {})
        for part in parts if one.get("deployedModelId") in given else ():
            config.pop(part, None)
            if part in given[one["deployedModelId"]]:
                config[part] = given[one["deployedModelId"]][part]
        found.append({**one, "objectiveConfig": config})
    return found


def _turned(before: str, after: str, doing: str) -> Callable[[Cloud, Document], Document]:
    def act(cloud: Cloud, said: Document) -> Document:
        with cloud.world.transaction():
            document = cloud.there(said["name"])
            if document["state"] != before:
                raise Refused(
                    "FAILED_PRECONDITION",
                    f"The monitoring job can only be {doing} under the state {before}; it is "
                    f"{document['state']}.",
                )
            document |= {"state": after, "updateTime": now()}
            document.pop("scheduleState", None)
            if after == "JOB_STATE_RUNNING":
                document |= {"scheduleState": "OFFLINE", "nextScheduleTime": _next(document)}
            cloud.put(said["name"], MONITOR, document)
        return {}

    return act


def _anomalies(cloud: Cloud, said: Document) -> Document:
    """Nothing is measured, so there are none."""
    cloud.there(said["modelDeploymentMonitoringJob"])
    return {"monitoringStats": []}


CALLS: Mapping[str, tuple[Callable[[Cloud, Document], Document], str]] = {
    "PauseModelDeploymentMonitoringJob": (_turned("JOB_STATE_RUNNING", "JOB_STATE_PAUSED", "paused"), ""),
    "ResumeModelDeploymentMonitoringJob": (_turned("JOB_STATE_PAUSED", "JOB_STATE_RUNNING", "resumed"), ""),
    "SearchModelDeploymentMonitoringStatsAnomalies": (
        _anomalies,
        "SearchModelDeploymentMonitoringStatsAnomaliesResponse",
    ),
}
