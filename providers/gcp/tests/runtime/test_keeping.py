"""What is collected of a stack's bucket, and how a compute without a resource fares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_gcp.jobs import runs
from mlstack_gcp.rehearsal import GcpEmulation, gcs
from mlstack_gcp.resources.job import Job, JobInputs
from mlstack_gcp.resources.upload import Upload, UploadInputs
from mlstack_gcp.runtime import GcpRuntime
from mlstack_gcp.tree import TREE

from mlstack.resource import Context
from mlstack.runtime import Record
from providers.gcp.tests.runtime.conftest import BUCKET, PARENT, PROJECT, UID, child, kept, record
from providers.gcp.tests.runtime.test_runs import JOB


def _upload(context: Context, content: str) -> Record:
    """As the state has it: the last of the versions that were made."""
    path = context.root / "rows.csv"
    path.write_text(content)
    given = {
        "stack_uid": UID,
        "home": "data/rows",
        "project": PROJECT,
        "bucket": BUCKET,
        "path": "rows.csv",
        "digest": TREE.version(path, plain=True),
        "plain": True,
    }
    state = Upload().create(context, UploadInputs.model_validate(given))
    return record("data", "rows", kept("mlstack:gcp:Upload", state))


@pytest.fixture
def data(gcp: GcpEmulation, context: Context) -> Record:
    _upload(context, "a,b\n1,2\n")
    return _upload(context, "a,b\n1,2\n3,4\n")


def _names(gcp: GcpEmulation) -> set[str]:
    return {path.removeprefix(f"{BUCKET}/") for path in gcp.world.blobs(f"{BUCKET}/")}


def test_versions_that_nothing_names_go(gcp: GcpEmulation, data: Record, runtime: GcpRuntime) -> None:
    before, prefix = _names(gcp), data.children[0].outputs["prefix"]
    assert runtime.collect([data], everything=False, dry_run=False) == [], "all was written of late"
    [found] = runtime.collect([data], everything=True, dry_run=True)
    assert (found.kind, found.bytes > 8) == ("upload", True)
    assert _names(gcp) == before
    assert runtime.collect([data], everything=True, dry_run=False) == [found]
    assert _names(gcp) == {f"{prefix}/rows.csv", f"{prefix}.json"}
    assert runtime.collect([data], everything=True, dry_run=False) == []


def test_what_was_written_long_ago_goes_by_itself(
    gcp: GcpEmulation, data: Record, runtime: GcpRuntime
) -> None:
    prefix = data.children[0].outputs["prefix"]
    for path in gcp.world.blobs(f"{BUCKET}/"):
        content, metadata = gcp.world.get_blob(path) or (b"", {})
        gcp.world.put_blob(path, content, {**metadata, "timeCreated": "2020-01-01T00:00:00.000000Z"})
    assert len(runtime.collect([data], everything=False, dry_run=False)) == 1
    assert _names(gcp) == {f"{prefix}/rows.csv", f"{prefix}.json"}


def test_what_another_stack_has_is_left_alone(gcp: GcpEmulation, data: Record, runtime: GcpRuntime) -> None:
    others = f"gs://{BUCKET}/mlstack/other/data.rows/0123456789ab/rows.csv"
    own = f"gs://{BUCKET}/mlstack/{UID}/notes/to-keep.txt"
    for uri in (others, own):
        gcs.write(gcp.cloud, uri, b"1")
    runtime.collect([data], everything=True, dry_run=False)
    assert {uri.removeprefix(f"gs://{BUCKET}/") for uri in (others, own)} <= _names(gcp)


def test_outputs_of_runs_go_with_the_runs(gcp: GcpEmulation, context: Context, runtime: GcpRuntime) -> None:
    state = Job().create(context, JobInputs.model_validate(JOB))
    job = record("jobs", "train", kept("mlstack:gcp:Job", state))
    beside = runtime.run(job, {"c": 2}, lambda _line: None, artifact=lambda _: pytest.fail("no artifact"))
    gcs.write(gcp.cloud, beside.outputs["metrics"]["uri"], b"{}")
    assert runtime.collect([job], everything=True, dry_run=False) == [], "both runs are known"
    gcp.cloud.remove(f"{PARENT}/customJobs/{beside.id}", "aiplatform:CustomJob")
    [found] = runtime.collect([job], everything=True, dry_run=False)
    assert found.kind == "run"
    assert found.name.startswith("train/train-")
    assert runs.get(state.outputs["job_id"]) is not None


def test_what_a_pipeline_that_runs_copies_is_in_use(
    gcp: GcpEmulation, data: Record, runtime: GcpRuntime
) -> None:
    [old] = runtime.collect([data], everything=True, dry_run=True)
    place = f"gs://{BUCKET}/mlstack/{UID}/{old.name.replace('@', '/')}/"
    run: dict[str, Any] = {
        "name": f"{PARENT}/pipelineJobs/1",
        "state": "PIPELINE_STATE_RUNNING",
        "labels": {"mlstack-stack": UID},
        "pipelineSpec": {"root": {"args": [place]}},
    }
    gcp.cloud.put(run["name"], "aiplatform:PipelineJob", run)
    schedule = child("mlstack:gcp:PipelineSchedule", f"{PARENT}/schedules/1", {"location": "europe-west4"})
    records = [data, record("schedules", "nightly", schedule)]
    assert runtime.collect(records, everything=True, dry_run=False) == []
    gcp.cloud.put(run["name"], "aiplatform:PipelineJob", {**run, "state": "PIPELINE_STATE_SUCCEEDED"})
    assert runtime.collect(records, everything=True, dry_run=False) == [old]


def test_a_compute_is_its_machine(runtime: GcpRuntime, tmp_path: Path) -> None:
    made = record("compute", "big", id=None, instance="n1-standard-4")
    [status] = runtime.status([made])
    assert (status.state, status.detail.partition(",")[0]) == ("ready", "n1-standard-4")
    [status] = runtime.status([Record("compute", "big", {})])
    assert status.state == "absent"
