"""A job on the emulated cloud: submitted once, found again, waited for, tried again, cancelled, removed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from mlstack_gcp.jobs import runs
from mlstack_gcp.rehearsal import GcpEmulation
from mlstack_gcp.rehearsal.cloud import Document
from mlstack_gcp.resources.job import Job, JobInputs

from mlstack.resource import UNKNOWN, Context, InputProblem, ResourceFailed, State
from providers.gcp.tests.emulated import BUCKET, PARENT, PROJECT, REGION, UID

pytestmark = pytest.mark.usefixtures("gcp")

GIVEN: dict[str, Any] = {
    "stack_uid": UID,
    "name": "train",
    "project": PROJECT,
    "location": REGION,
    "place": f"gs://{BUCKET}/mlstack/{UID}/runs",
    "job": {
        "command": "python train.py ${{inputs.c}} ${{outputs.net}}",
        "image": f"{REGION}-docker.pkg.dev/{PROJECT}/images/train:1",
        "inputs": {"c": {"value": "1.0"}},
        "outputs": {"net": {"type": "folder"}},
        "runs": {"machine": "n1-standard-4", "service_account": f"runs@{PROJECT}.iam.gserviceaccount.com"},
        "labels": {"team": "vision"},
    },
}


def inputs(job: dict[str, Any] | None = None, **changed: Any) -> JobInputs:
    return JobInputs.model_validate({**GIVEN, **changed, "job": {**GIVEN["job"], **(job or {})}})


def _runs(gcp: GcpEmulation) -> list[Document]:
    return [one for _, one in gcp.cloud.of("aiplatform:CustomJob", f"{PARENT}/customJobs/")]


def _end(gcp: GcpEmulation, state: str, message: str = "") -> None:
    """Runs that go have ended so."""
    for one in _runs(gcp):
        if one["state"] not in ("JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"):
            more = {"error": {"message": message}} if message else {}
            gcp.cloud.put(one["name"], "aiplatform:CustomJob", {**one, "state": state, **more})


def _told(context: Context, then: Callable[[str], None]) -> Context:
    """The context, and what is done at each line that is logged."""
    return Context(context.root, "urn", "name", log=then)


def test_what_is_submitted(gcp: GcpEmulation, context: Context) -> None:
    state = Job().create(context, inputs())
    [run] = _runs(gcp)
    assert state.outputs["status"] == "succeeded"
    assert state.outputs["job_id"].endswith(f"/customJobs/{state.outputs['run']}")
    spec = run["jobSpec"]
    [pool] = spec["workerPoolSpecs"]
    assert pool["machineSpec"] == {"machineType": "n1-standard-4"}
    assert pool["containerSpec"]["imageUri"].endswith("/images/train:1")
    assert spec["serviceAccount"] == f"runs@{PROJECT}.iam.gserviceaccount.com"
    made_of = state.outputs["fingerprint"]
    assert run["labels"] == {
        "team": "vision", "mlstack-stack": UID, "mlstack-job": "train", "mlstack-fingerprint": made_of,
    }  # fmt: skip
    place = f"gs://{BUCKET}/mlstack/{UID}/runs/train/{made_of}"
    assert spec["baseOutputDirectory"] == {"outputUriPrefix": place}
    assert state.outputs["outputs"] == {"net": {"uri": f"{place}/net/", "version": made_of}}


def test_one_whose_answer_was_lost_is_not_submitted_again(gcp: GcpEmulation, context: Context) -> None:
    first = Job().create(context, inputs(wait=False))
    found = Job().find(context, inputs(wait=False).model_dump())
    assert found is not None
    assert found.outputs["run"] == first.outputs["run"]
    assert Job().create(context, inputs()).outputs["run"] == first.outputs["run"]
    assert len(_runs(gcp)) == 1
    assert Job().find(context, inputs({"command": "other"}).model_dump()) is None


def test_machine_timeout_and_labels_do_not_run_it_again(gcp: GcpEmulation, context: Context) -> None:
    state = Job().create(context, inputs())
    same = inputs({"runs": {"machine": "e2-standard-8", "timeout": 60.0}, "labels": {}})
    assert Job().update(context, state, same)["run"] == state.outputs["run"]
    other = Job().update(context, state, inputs({"inputs": {"c": {"value": "2.0"}}}))
    assert other["run"] != state.outputs["run"]
    assert other["outputs"]["net"]["uri"] != state.outputs["outputs"]["net"]["uri"]
    assert len(_runs(gcp)) == 2


def test_a_failure_says_what_vertex_says_and_is_no_state(gcp: GcpEmulation, context: Context) -> None:
    def fails(line: str) -> None:
        if line.startswith("submitted"):
            _end(gcp, "JOB_STATE_FAILED", "the replica exited with 1")

    with pytest.raises(ResourceFailed, match="the replica exited with 1") as told:
        Job().create(_told(context, fails), inputs())
    assert "`mlstack logs jobs.train`" in str(told.value.remedy)
    assert Job().find(context, inputs().model_dump()) is None
    again = Job().create(context, inputs())
    assert again.outputs["status"] == "succeeded"
    assert again.outputs["outputs"]["net"]["uri"].endswith("-r1/net/"), "a place of its own"


def test_it_is_tried_again_as_often_as_the_spec_says(gcp: GcpEmulation, context: Context) -> None:
    begun = 0

    def fails(line: str) -> None:
        nonlocal begun
        if line.startswith("submitted"):
            begun += 1
            if begun < 3:
                _end(gcp, "JOB_STATE_FAILED", "no")

    assert Job().create(_told(context, fails), inputs(retries=2)).outputs["status"] == "succeeded"
    assert begun == 3


def test_an_interrupted_wait_cancels_the_run(gcp: GcpEmulation, context: Context) -> None:
    stopped = threading.Event()

    def interrupted(line: str) -> None:
        if line.startswith("submitted"):
            stopped.set()

    waiting = Context(context.root, "urn", "name", cancelled=stopped, log=interrupted)
    with pytest.raises(ResourceFailed, match="was cancelled, as the command was interrupted"):
        Job().create(waiting, inputs())
    [run] = _runs(gcp)
    assert run["state"] in ("JOB_STATE_CANCELLING", "JOB_STATE_CANCELLED")


def test_one_that_goes_reads_as_not_waited_for(gcp: GcpEmulation, context: Context) -> None:
    state = Job().create(context, inputs(wait=False))
    assert state.outputs["status"] == "pending"
    waited = State(state.id, inputs().model_dump(), state.outputs)
    read = Job().read(context, waited)
    assert read is not None
    assert read.inputs["wait"] is False
    _end(gcp, "JOB_STATE_SUCCEEDED")
    read = Job().read(context, waited)
    assert read is not None
    assert (read.inputs["wait"], read.outputs["status"]) == (True, "succeeded")
    gcp.cloud.remove(state.outputs["job_id"], "aiplatform:CustomJob")
    assert Job().read(context, waited) is None


def test_a_run_is_imported_by_its_name(gcp: GcpEmulation, context: Context) -> None:
    state = Job().create(context, inputs())
    for id in (f"{PARENT}/customJobs/{state.outputs['run']}", state.id):
        read = Job().read(context, State(id, {}, {}))
        assert read is not None
        assert read.outputs == state.outputs
        assert read.inputs["job"]["outputs"]["net"]["type"] == "folder"
    assert Job().read(context, State(f"{PARENT}/customJobs/1", {}, {})) is None


def test_all_its_runs_go_with_it(gcp: GcpEmulation, context: Context) -> None:
    state = Job().create(context, inputs())
    Job().create(context, inputs({"command": "other"}, wait=False))
    Job().create(context, inputs(name="other"))
    Job().delete(context, state)
    assert [run.labels["mlstack-job"] for run in runs.of_stack(PARENT, UID)] == ["other"]


def test_an_input_that_the_command_names_is_declared(context: Context) -> None:
    with pytest.raises(InputProblem, match="is not declared"):
        Job().check(context, inputs({"command": "python ${{inputs.d}}"}))


def test_a_preview_promises_what_is_certain(context: Context) -> None:
    state = Job().create(context, inputs())
    same = Job().preview(context, inputs().model_dump(), state)
    assert same == {**state.outputs, "status": UNKNOWN}
    other = Job().preview(context, inputs({"command": "other"}).model_dump(), state)
    assert other["run"] is UNKNOWN
    assert other["fingerprint"] not in (UNKNOWN, state.outputs["fingerprint"])
    unknown = {**inputs().model_dump(), "place": UNKNOWN}
    assert Job().preview(context, unknown, None)["outputs"] == {"net": {"uri": UNKNOWN, "version": UNKNOWN}}
