"""Runs of jobs: submitted once, found again, waited for, tried again, cancelled, read, imported, gone."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlstack_azure import runs
from mlstack_azure.resources.job import Job, JobInputs

from mlstack.resource import UNKNOWN, Context, InputProblem, ResourceFailed, State
from providers.azure.tests.azurite import Azurite
from providers.azure.tests.jobs import DONE, FAILS, Jobs
from providers.azure.tests.resources.conftest import STORE, WORKSPACE
from providers.azure.tests.strict import Says, Server

PROPERTIES: dict[str, Any] = {
    "jobType": "Command",
    "command": "python train.py",
    "codeId": f"{WORKSPACE}/codes/train/versions/1",
    "environmentId": f"{WORKSPACE}/environments/sk/versions/1",
    "computeId": f"{WORKSPACE}/computes/train",
    "inputs": {"c": {"jobInputType": "literal", "value": "1.0"}},
    "outputs": {
        "model": {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"},
        "metrics": {"jobOutputType": "uri_file", "uri": "azureml://datastores/mine/paths/metrics.json"},
    },
    "environmentVariables": {"OMP_NUM_THREADS": "2", "MLSTACK_SECRET_TOKEN": "https://v/secrets/t/1"},
    "tags": {"team": "vision"},
}
PATHS = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/workspaceblobstore/paths"


def _inputs(properties: dict[str, Any] | None = None, **more: Any) -> JobInputs:
    given = {**PROPERTIES, **(properties or {})}
    return JobInputs(stack_uid="uid", name="train", workspace_id=WORKSPACE, properties=given, **more)


def test_a_run_is_submitted_and_waited_for(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE)
    inputs = _inputs()
    state = Job().create(context, inputs)
    made_of = runs.mark(PROPERTIES)
    run = runs.name_of("uid", "train", made_of, 0)
    assert jobs.puts == [run]
    sent = server.calls("PUT", f"{WORKSPACE}/jobs/{run}")[0].body["properties"]
    tags = {"mlstack-stack": "uid", "mlstack-job": "train", "mlstack-fingerprint": made_of}
    assert sent == {**PROPERTIES, "tags": {"team": "vision", **tags}}
    assert state.outputs == {
        "fingerprint": made_of,
        "run": run,
        "job_id": f"{WORKSPACE}/jobs/{run}",
        "status": "succeeded",
        "outputs": {
            "model": {"uri": f"{PATHS}/azureml/{run}/model/", "version": made_of},
            "metrics": {"uri": "azureml://datastores/mine/paths/metrics.json", "version": made_of},
        },
        "studio_url": f"https://ml.azure.com/runs/{run}",
    }
    assert [line.split(": ")[-1] for line in context.lines[1:]] == list(DONE)  # type: ignore[attr-defined]


def test_it_is_not_waited_for_when_nothing_needs_it(context: Context, server: Server) -> None:
    Jobs(server, WORKSPACE, ("Queued",))
    job = Job()
    state = job.create(context, _inputs(wait=False))
    assert state.outputs["status"] == "pending"
    seen = job.read(context, state)
    assert seen is not None
    assert seen.inputs["wait"] is False


def test_one_that_goes_unwaited_is_waited_for_by_the_update_that_needs_it(
    context: Context, server: Server
) -> None:
    jobs = Jobs(server, WORKSPACE, ("Queued", "Running", "Completed"))
    job = Job()
    state = job.create(context, _inputs(wait=False))
    assert job.update(context, state, _inputs())["status"] == "succeeded"
    assert len(jobs.documents) == 1


def test_a_submit_that_was_killed_is_found(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE)
    inputs = _inputs()
    job = Job()
    assert job.find(context, inputs.model_dump()) is None
    job.create(context, _inputs(wait=False))
    found = job.find(context, inputs.model_dump())
    assert found is not None
    assert found.inputs["wait"] is False
    state = job.create(context, inputs)
    assert len(jobs.puts) == 1
    assert job.find(context, inputs.model_dump()) == state


def test_an_answer_that_is_lost_makes_no_second_run(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE)
    run = runs.name_of("uid", "train", runs.mark(PROPERTIES), 0)
    kept = jobs.answer

    def loses(asked: Any) -> Says:
        kept(asked)
        return Says(drop=True)

    server.on("PUT", f"{WORKSPACE}/jobs/{run}", loses, kept)  # type: ignore[arg-type]
    Job().create(context, _inputs())
    assert list(jobs.documents) == [run]


def test_a_failure_is_not_recorded_and_the_next_up_tries_again(
    context: Context, server: Server, azurite: Azurite
) -> None:
    jobs = Jobs(server, WORKSPACE, FAILS, DONE)
    artifacts = f"{WORKSPACE}/datastores/workspaceartifactstore"
    server.on("GET", artifacts, Says(body=_datastore(server)))
    server.on("POST", f"{artifacts}/listSecrets", Says(body=_secrets()))
    run = runs.name_of("uid", "train", runs.mark(PROPERTIES), 0)
    log = f"ExperimentRun/dcid.{run}/user_logs/std_log.txt"
    azurite.client.upload_blob(log, b"reading\nValueError: no rows")
    server.on(
        "GET",
        f"/history/v1.0{WORKSPACE}/runs/{run}/details",
        Says(body={"error": {"error": {"message": "Execution failed. User process exited with status 1."}}}),
    )
    job = Job()
    with pytest.raises(ResourceFailed) as raised:
        job.create(context, _inputs())
    message = raised.value.message
    assert raised.value.category == "user"
    assert raised.value.partial is None
    assert "exited with status 1" in message
    assert "reading\nValueError: no rows" in message
    assert f"https://ml.azure.com/runs/{run}" in message
    assert "mlstack logs jobs.train" in (raised.value.remedy or "")
    assert job.find(context, _inputs().model_dump()) is None

    state = job.create(context, _inputs())
    assert state.outputs["run"] == f"{run}-r1"
    assert state.outputs["outputs"]["model"]["version"] != state.outputs["fingerprint"]
    assert jobs.puts == [run, f"{run}-r1"]


def test_retries_are_made_while_it_is_waited_for(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE, FAILS, FAILS, DONE)
    state = Job().create(context, _inputs(retries=2))
    assert state.outputs["status"] == "succeeded"
    assert len(jobs.puts) == 3
    jobs.plans = [FAILS]
    with pytest.raises(ResourceFailed):
        Job().create(context, _inputs({"command": "other"}, retries=1))
    assert len(jobs.puts) == 5


def test_an_interrupt_cancels_the_run(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE, ("Running",))
    cancelled = threading.Event()
    seen: list[str] = []

    def log(line: str) -> None:
        seen.append(line)
        if line.endswith("Running"):
            cancelled.set()

    with pytest.raises(ResourceFailed, match="was cancelled, as the command was interrupted"):
        Job().create(Context(context.root, "urn", "name", cancelled, log), _inputs())
    assert jobs.cancelled == jobs.puts


def test_a_changed_job_stops_the_run_of_what_it_was(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE, ("Running",), DONE)
    job = Job()
    state = job.create(context, _inputs(wait=False))
    outputs = job.update(context, state, _inputs({"command": "python other.py"}))
    assert jobs.cancelled == [state.outputs["run"]]
    assert outputs["run"] != state.outputs["run"]
    assert outputs["status"] == "succeeded"


def test_a_finished_one_stays_when_only_its_compute_changes(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE)
    job = Job()
    state = job.create(context, _inputs())
    again = job.update(context, state, _inputs({"computeId": f"{WORKSPACE}/computes/other"}))
    assert (again, jobs.cancelled, len(jobs.puts)) == (state.outputs, [], 1)


@pytest.mark.parametrize(("last", "gone"), [("Completed", False), ("Failed", True), ("Canceled", True)])
def test_what_is_read(context: Context, server: Server, last: str, gone: bool) -> None:
    Jobs(server, WORKSPACE, ("Queued", last))
    job = Job()
    state = job.create(context, _inputs(wait=False))
    job.read(context, state)
    assert (job.read(context, state) is None) is gone


def test_import_by_the_id_of_a_run_or_of_the_stack_s_job(context: Context, server: Server) -> None:
    Jobs(server, WORKSPACE)
    job = Job()
    state = job.create(context, _inputs())
    for id in (state.outputs["job_id"], state.id):
        found = job.read(context, State(id, {}, {}))
        assert found is not None
        assert (found.id, found.outputs) == (state.id, state.outputs)
        assert found.inputs["properties"]["command"] == "python train.py"
    assert job.read(context, State(f"{WORKSPACE}/jobs/none", {}, {})) is None


def test_delete_takes_all_runs_of_the_job_and_no_other_s(context: Context, server: Server) -> None:
    jobs = Jobs(server, WORKSPACE, DONE, ("Running",))
    job = Job()
    first = job.create(context, _inputs())
    second = job.create(context, _inputs({"command": "other"}, wait=False))
    other = JobInputs(
        stack_uid="other", name="train", workspace_id=WORKSPACE, properties=PROPERTIES, wait=False
    )
    kept = job.create(context, other)
    job.delete(context, second)
    assert jobs.cancelled == [second.outputs["run"]]
    assert list(jobs.documents) == [kept.outputs["run"]]
    job.delete(context, first)


def test_previews(context: Context, server: Server) -> None:
    Jobs(server, WORKSPACE)
    job = Job()
    inputs = _inputs().model_dump()
    seen = job.preview(context, inputs, None)
    assert seen["fingerprint"] == runs.mark(PROPERTIES)
    assert seen["outputs"]["model"] == {"uri": UNKNOWN, "version": UNKNOWN}
    unknown = {**inputs, "properties": {**PROPERTIES, "codeId": UNKNOWN}}
    assert job.preview(context, unknown, None)["fingerprint"] is UNKNOWN
    state = job.create(context, _inputs())
    moved = {**inputs, "properties": {**PROPERTIES, "computeId": "other"}}
    assert job.preview(context, moved, state) == {**state.outputs, "status": UNKNOWN}


def test_what_a_job_must_have(context: Context) -> None:
    with pytest.raises(InputProblem) as raised:
        Job().check(context, _inputs({"environmentId": None}))
    assert raised.value.path == "properties.environmentId"


COUNTS = {
    "command": "other",
    "codeId": "other",
    "environmentId": "other",
    "inputs": {"c": {"jobInputType": "literal", "value": "2.0"}},
    "outputs": {},
    "environmentVariables": {"OMP_NUM_THREADS": "4"},
    "resources": {"instanceCount": 2},
    "distribution": {"distributionType": "PyTorch", "processCountPerInstance": 2},
}
NOT = {
    "computeId": "other",
    "tags": {"a": "b"},
    "limits": {"jobLimitsType": "Command", "timeout": "PT1H"},
    "identity": {"identityType": "Managed"},
    "resources": {"instanceCount": 1, "instanceType": "Standard_D2s_v3"},
    "displayName": "other",
    "environmentVariables": {"OMP_NUM_THREADS": "2", "MLSTACK_SECRET_TOKEN": "https://v/secrets/t/2"},
}


@given(
    st.lists(st.sampled_from(sorted(COUNTS)), unique=True),
    st.lists(st.sampled_from(sorted(NOT)), unique=True),
)
def test_the_fingerprint_is_of_what_is_computed(counting: list[str], other: list[str]) -> None:
    free = {key: NOT[key] for key in other}
    changed = {**PROPERTIES, **free, **{key: COUNTS[key] for key in counting}}
    assert (runs.mark(changed) == runs.mark(PROPERTIES)) is (not counting)
    assert runs.mark(changed, "nonce") != runs.mark(changed)


def _datastore(server: Server) -> Any:
    return server._answers["GET", STORE.lower()][0].body  # type: ignore[union-attr]


def _secrets() -> dict[str, str]:
    from providers.azure.tests.azurite import KEY

    return {"secretsType": "AccountKey", "key": KEY}
