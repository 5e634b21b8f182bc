"""Runs of a job by the runtime: listed, begun beside the stack's own, stopped, and what they have printed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mlstack_gcp.jobs import runs
from mlstack_gcp.rehearsal import GcpEmulation, gcs
from mlstack_gcp.resources.job import Job, JobInputs
from mlstack_gcp.runtime import GcpRuntime

from mlstack.errors import TargetError, UsageError
from mlstack.resource import Context
from mlstack.runtime import Artifact, Record
from providers.gcp.tests.runtime.conftest import BUCKET, PARENT, PROJECT, REGION, UID, kept, record

JOB: dict[str, Any] = {
    "stack_uid": UID,
    "name": "train",
    "project": PROJECT,
    "location": REGION,
    "place": f"gs://{BUCKET}/mlstack/{UID}/runs",
    "job": {
        "command": "python train.py ${{inputs.data}} ${{inputs.c}} ${{outputs.metrics}}",
        "image": f"{REGION}-docker.pkg.dev/{PROJECT}/images/train:1",
        "inputs": {"data": {"uri": f"gs://{BUCKET}/rows.csv"}, "c": {"value": "1.0"}},
        "outputs": {"metrics": {"type": "file"}},
        "runs": {"machine": "n1-standard-4"},
    },
}


@pytest.fixture
def job(gcp: GcpEmulation, context: Context) -> Record:
    """As the state has it after an ``up`` that waited for the run."""
    state = Job().create(context, JobInputs.model_validate(JOB))
    return record("jobs", "train", kept("mlstack:gcp:Job", state))


def artifact(reference: str) -> Artifact:
    return Artifact(f"gs://{BUCKET}/{reference}.csv", "v")


def _set(gcp: GcpEmulation, run: str, state: str) -> None:
    """A run in a state that the emulated cloud comes to by itself in no other way."""
    name = f"{PARENT}/customJobs/{run}"
    document = gcp.cloud.there(name)
    gcp.cloud.put(name, "aiplatform:CustomJob", {**document, "state": state, "error": {"message": "no"}})


def test_a_run_beside_the_stack_s_own(gcp: GcpEmulation, job: Record, runtime: GcpRuntime) -> None:
    lines: list[str] = []
    run = runtime.run(job, {"c": 2.0, "data": "data.more"}, lines.append, artifact=artifact)
    own = job.children[0].outputs
    assert (run.status, run.own) == ("succeeded", False)
    assert run.inputs == {"c": "2.0", "data": f"gs://{BUCKET}/data.more.csv"}
    assert lines[0].startswith(f"submitted {run.id}: https://console.cloud.google.com/")
    place = run.outputs["metrics"]["uri"]
    assert place.startswith(f"gs://{BUCKET}/mlstack/{UID}/runs/train/train-")
    assert place != own["outputs"]["metrics"]["uri"]
    gcs.write(gcp.cloud, place, json.dumps({"accuracy": 0.9, "name": "x", "well": True}).encode())
    first, second = runtime.runs(job)
    assert (first.id, first.own, first.metrics) == (run.id, False, {"accuracy": 0.9})
    assert (second.id, second.own, second.metrics) == (own["run"], True, {})
    held = gcp.cloud.there(f"{PARENT}/customJobs/{run.id}")
    assert held["labels"] == {"mlstack-stack": UID, "mlstack-job": "train", "mlstack-beside": "true"}


def test_the_stack_s_own_is_found_and_not_the_one_beside(
    job: Record, runtime: GcpRuntime, context: Context
) -> None:
    runtime.run(job, {}, lambda _line: None, artifact=artifact)
    found = Job().create(context, JobInputs.model_validate(JOB))
    assert found.outputs["run"] == job.children[0].outputs["run"]


def test_both_go_with_the_job(job: Record, runtime: GcpRuntime, context: Context) -> None:
    runtime.run(job, {}, lambda _line: None, artifact=artifact, detach=True)
    assert len(runs.of_stack(PARENT, UID)) == 2
    state = Job().create(context, JobInputs.model_validate(JOB))
    Job().delete(context, state)
    assert runs.of_stack(PARENT, UID) == []


def test_an_input_that_is_none(job: Record, runtime: GcpRuntime) -> None:
    with pytest.raises(UsageError, match="has no input 'dat'") as told:
        runtime.run(job, {"dat": 1}, lambda _line: None, artifact=artifact)
    assert told.value.remedy == "did you mean 'data'? It has: c, data."
    assert len(runs.of_stack(PARENT, UID)) == 1


def test_one_that_fails_says_what_it_printed(gcp: GcpEmulation, job: Record, runtime: GcpRuntime) -> None:
    def fails(line: str) -> None:
        if line.startswith("submitted"):
            _set(gcp, line.split()[1].rstrip(":"), "JOB_STATE_FAILED")

    with pytest.raises(TargetError, match="of 'train' failed\nno") as told:
        runtime.run(job, {}, fails, artifact=artifact)
    assert told.value.code == "run-failed"


def test_ctrl_c_stops_it(gcp: GcpEmulation, job: Record, runtime: GcpRuntime) -> None:
    def interrupted(line: str) -> None:
        if not line.startswith("submitted"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runtime.run(job, {}, interrupted, artifact=artifact)
    beside = next(run for run in runs.of_stack(PARENT, UID) if "mlstack-beside" in run.labels)
    assert gcp.cloud.there(f"{PARENT}/customJobs/{runs.last(beside.name)}")["state"] in (
        "JOB_STATE_CANCELLING",
        "JOB_STATE_CANCELLED",
    )


def test_one_that_goes_is_stopped_by_its_number(job: Record, runtime: GcpRuntime) -> None:
    going = runtime.run(job, {}, lambda _line: None, artifact=artifact, detach=True)
    assert going.status == "pending"
    assert runtime.cancel(job, going.id) == going.id
    own = job.children[0].outputs["run"]
    with pytest.raises(UsageError, match=f"the run '{own}' has ended"):
        runtime.cancel(job, own)
    with pytest.raises(UsageError, match="has no run 'x'"):
        runtime.cancel(job, "x")


def test_what_a_run_printed(job: Record, runtime: GcpRuntime) -> None:
    run = runtime.run(job, {}, lambda _line: None, artifact=artifact)
    lines = list(runtime.logs(job, child=None, follow=True, tail=None, run=run.id))
    assert lines == [f"{runs.get(f'{PARENT}/customJobs/{run.id}').display_name}: rehearsed, nothing ran"]
