"""Runs of a job: the Jobs that were made for it and are still there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import Record, Run
from mlstack_kubernetes.cluster import Cluster, told
from mlstack_kubernetes.runtime import children


def runs(cluster: Cluster, record: Record) -> list[Run]:
    """The newest first."""
    found = [_run(record, job.raw) for job in _jobs(cluster, record)]
    return sorted(found, key=lambda run: run.started or 0, reverse=True)


def cancel(cluster: Cluster, record: Record, run: str | None) -> str:
    """Delete it with its pods: a Job that has been stopped can only begin anew."""
    going = [
        job
        for job in _jobs(cluster, record)
        if _state(job.raw) in ("running", "queued") and run in (None, job.name)
    ]
    if not going:
        raise UsageError(
            f"no run of job {record.name!r} is under way", remedy="`mlstack runs` shows all that are known"
        )
    for job in going:
        with told(f"job {job.namespace}/{job.name}"):
            job.delete(propagation_policy="Background")
    return ", ".join(job.name for job in going)


def _jobs(cluster: Cluster, record: Record) -> list[Any]:
    """All that were made for it, whichever fingerprint they have."""
    wanted = cluster.selector(f"jobs.{record.name}").items()
    with told(f"jobs of {children.namespace(record)}"):
        all: list[Any] = list(cluster.api.get("jobs", namespace=children.namespace(record)))
    return [job for job in all if wanted <= _labels(job).items()]


def _labels(job: Any) -> dict[str, str]:
    """Those of its pods: its own are the user's tags."""
    return job.raw["spec"]["template"]["metadata"].get("labels") or {}


def _state(job: Any) -> str:
    status = job.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition.get("status") == "True" and condition["type"] in ("Complete", "Failed"):
            return {"Complete": "succeeded", "Failed": "failed"}[condition["type"]]
    return "running" if status.get("active") else "queued"


def _run(record: Record, job: Any) -> Run:
    status = job.get("status") or {}
    name = job["metadata"]["name"]
    own = record.outputs.get("id") == f"{job['metadata']['namespace']}/{name}"
    started, ended = _seconds(status.get("startTime")), _seconds(status.get("completionTime"))
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    failed = conditions.get("Failed") or {}
    return Run(
        id=name,
        status=_state(job),
        outputs=dict(record.outputs.get("outputs") or {}) if own else {},
        own=own,
        message=str(failed.get("message") or ""),
        started=started,
        seconds=ended - started if started is not None and ended is not None else None,
    )


def _seconds(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
