"""Runs of jobs on Vertex AI: how they are found again, their states, what they read and write.

The platform names a custom job itself. A stack's own run is found by its display name and by its label with
the job's fingerprint, so that one which was submitted and whose answer never came is not submitted twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from mlstack.content import fingerprint
from mlstack.provider import STACK_TAG
from mlstack_gcp import cloud
from mlstack_gcp.jobs.body import RUN

#: The platform's states of a job, in our words.
_STATES = {
    "JOB_STATE_QUEUED": "pending",
    "JOB_STATE_PENDING": "pending",
    "JOB_STATE_PAUSED": "pending",
    "JOB_STATE_RUNNING": "running",
    "JOB_STATE_UPDATING": "running",
    "JOB_STATE_CANCELLING": "running",
    "JOB_STATE_SUCCEEDED": "succeeded",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "failed",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_EXPIRED": "failed",
    "JOB_STATE_CANCELLED": "cancelled",
}
ENDED = frozenset({"succeeded", "failed", "cancelled"})

#: The labels by which a stack's runs are found.
STACK, JOB, MARK = STACK_TAG, "mlstack-job", "mlstack-fingerprint"


def parent(project: str, location: str) -> str:
    return f"projects/{project}/locations/{location}"


def location(name: str) -> str:
    """The region in the full name of a run."""
    return name.split("/")[3]


def client(name: str) -> Any:
    """The client for jobs of the region that a full name, or a parent, is in."""
    return cloud.client("Job", location(name))


def display_name(stack_uid: str, job: str, made_of: str) -> str:
    return f"{job}-{fingerprint(stack_uid, 'jobs', job, made_of)}"


def state_of(run: Any) -> str:
    """pending, running, succeeded, failed or cancelled."""
    return _STATES.get(run.state.name, "pending")


def get(name: str) -> Any:
    """The run with this full name; None where there is none."""
    try:
        with cloud.told(name):
            return client(name).get_custom_job(name=name)
    except cloud.CloudFailure as failure:
        if failure.status == 404:
            return None
        raise


def of_stack(where: str, stack_uid: str, job: str | None = None) -> list[Any]:
    """All runs that a stack has submitted (of one job), the newest first. ``where``: the parent."""
    with cloud.told(where):
        listed = client(where).list_custom_jobs(
            request={"parent": where, "filter": f"labels.{STACK}={stack_uid}"}
        )
        found = [
            run
            for run in listed
            if run.labels.get(STACK) == stack_uid and (job is None or run.labels.get(JOB) == job)
        ]
    return sorted(found, key=lambda run: seconds(run.create_time) or 0.0, reverse=True)


def with_mark(where: str, stack_uid: str, job: str, made_of: str) -> list[Any]:
    """The stack's own runs with one fingerprint, the newest first."""
    name = display_name(stack_uid, job, made_of)
    with cloud.told(where):
        listed = client(where).list_custom_jobs(request={"parent": where, "filter": f'display_name="{name}"'})
        found = [run for run in listed if run.display_name == name and run.labels.get(MARK) == made_of]
    return sorted(found, key=lambda run: seconds(run.create_time) or 0.0, reverse=True)


def submit(where: str, body: Mapping[str, Any]) -> Any:
    with cloud.told(f"{where}/customJobs"):
        return client(where).create_custom_job(parent=where, custom_job=dict(body))


def wait(context: Any, name: str, log: Callable[[str], None]) -> Any:
    """Wait until a run has ended; each change of its state is a line. Raises `cloud.Cancelled`."""
    told = ""

    def look() -> Any:
        nonlocal told
        run = get(name)
        if run is None:
            raise cloud.CloudFailure(f"the run {last(name)} is gone", status=404, reason="NOT_FOUND")
        if run.state.name != told:
            told = run.state.name
            log(f"run {last(name)}: {told.removeprefix('JOB_STATE_').lower()}")
        return run if state_of(run) in ENDED else None

    return cloud.wait(context, look, f"the run {last(name)}")


def stop(run: Any) -> bool:
    """Cancel a run; whether it was going."""
    if state_of(run) in ENDED:
        return False
    with cloud.told(run.name):
        client(run.name).cancel_custom_job(name=run.name)
    return True


def said(run: Any) -> dict[str, dict[str, Any]]:
    """What a run of ours says of itself: its inputs and outputs."""
    for pool in run.job_spec.worker_pool_specs:
        for each in pool.container_spec.env:
            if each.name == RUN:
                found: dict[str, dict[str, Any]] = json.loads(each.value)
                return found
    return {"inputs": {}, "outputs": {}}


def outputs(run: Any) -> dict[str, dict[str, str]]:
    """Name -> {uri, version} of what a run puts out."""
    made_of = run.labels.get(MARK) or last(run.name)
    base = str(run.job_spec.base_output_directory.output_uri_prefix).rstrip("/").rpartition("/")[2]
    # the attempt after a failure puts out something else than the one before would have
    version = made_of if base == made_of else fingerprint(made_of, base)
    return {name: {"uri": uri, "version": version} for name, uri in said(run)["outputs"].items()}


def page(name: str) -> str:
    """The page of a run in the console."""
    _, project, _, region, _, id = name.split("/")
    return f"https://console.cloud.google.com/vertex-ai/locations/{region}/training/{id}?project={project}"


def last(name: str) -> str:
    return name.rpartition("/")[2]


def seconds(moment: Any) -> float | None:
    """A time of a message, in seconds since the epoch; None where it is not set."""
    return None if moment is None else float(moment.timestamp()) or None
