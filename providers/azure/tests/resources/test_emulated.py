"""Gap resources and runtime at the emulated Azure's own door, as in a rehearsal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_azure.rehearsal import AzureEmulation
from mlstack_azure.resources.job import Job, JobInputs
from mlstack_azure.resources.traffic import Traffic, TrafficInputs
from mlstack_azure.resources.upload import Upload, UploadInputs
from mlstack_azure.runtime import AzureRuntime
from mlstack_azure.settings import Settings
from mlstack_azure.tree import TREE

from mlstack import door
from mlstack.errors import MlstackError
from mlstack.rehearsal import World, http
from mlstack.rehearsal.faults import Faults, Plan
from mlstack.resource import Context, State
from mlstack.runtime import ChildRecord, Record, Site
from providers.azure.tests.rehearsal.estate import ESTATE
from providers.azure.tests.rehearsal.where import ENDPOINT, ENVIRONMENT, SUBSCRIPTION, WORKSPACE


@pytest.fixture
def emulated(tmp_path: Path) -> AzureEmulation:
    world = World(tmp_path / "world.db")
    azure = AzureEmulation(world, Settings(subscription=SUBSCRIPTION), "westeurope")
    for kind, inputs in ESTATE.items():
        azure.create(f"azure-native:{kind}", inputs)
    return azure


@pytest.fixture
def door_open(emulated: AzureEmulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with http.serving(emulated, Faults(Plan(), emulated.world), tmp_path) as url:
        monkeypatch.setenv(door.VARIABLE, url)
        yield url


def _upload(root: Path) -> UploadInputs:
    (root / "src/deep").mkdir(parents=True)
    (root / "src/train.py").write_bytes(b"pass")
    (root / "src/deep/empty").write_bytes(b"")
    return UploadInputs(
        stack_uid="uid",
        home="jobs/train",
        workspace_id=WORKSPACE,
        path="src",
        digest=TREE.version(root / "src"),
    )


@pytest.mark.usefixtures("door_open")
def test_upload(context: Context) -> None:
    upload = Upload()
    inputs = _upload(context.root)
    assert upload.find(context, inputs.model_dump()) is None
    state = upload.create(context, inputs)
    assert upload.find(context, inputs.model_dump()) == upload.read(context, state) == state
    assert state.outputs["files"] == 2
    upload.delete(context, state)
    assert upload.read(context, state) is None


@pytest.mark.usefixtures("door_open")
def test_upload_in_blocks(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlstack_azure.arm.transfer.BLOCK", 1000)
    (context.root / "rows.csv").write_bytes(bytes(range(256)) * 20)
    inputs = UploadInputs(
        stack_uid="uid",
        home="data/rows",
        workspace_id=WORKSPACE,
        path="rows.csv",
        digest=TREE.version(context.root / "rows.csv"),
    )
    state = Upload().create(context, inputs)
    assert Upload().read(context, state) == state
    assert state.outputs["bytes"] == 5120


def _job(**more: Any) -> JobInputs:
    properties = {
        "jobType": "Command",
        "command": "python train.py ${{inputs.c}}",
        "environmentId": ENVIRONMENT,
        "resources": {"instanceCount": 1, "instanceType": "Standard_D2s_v3"},
        "inputs": {"c": {"jobInputType": "literal", "value": "1.0"}},
        "outputs": {"model": {"jobOutputType": "uri_folder"}},
        "experimentName": "digits",
        "displayName": "train",
    }
    return JobInputs(stack_uid="uid", name="train", workspace_id=WORKSPACE, properties=properties, **more)


@pytest.mark.usefixtures("door_open")
def test_job(context: Context) -> None:
    job = Job()
    inputs = _job()
    assert job.find(context, inputs.model_dump()) is None
    state = job.create(context, inputs)
    assert state.outputs["status"] == "succeeded"
    assert job.read(context, state) == state
    assert job.find(context, inputs.model_dump()) == state
    assert job.create(context, inputs) == state
    imported = job.read(context, State(state.outputs["job_id"], {}, {}))
    assert imported is not None
    assert imported.outputs == state.outputs

    made = ChildRecord("u", "mlstack:azure:Job", "train", state.id, state.inputs, state.outputs)
    record = Record("jobs", "train", {"id": state.outputs["job_id"]}, [made])
    runtime = AzureRuntime(Site("uid", context.root, Settings(subscription=SUBSCRIPTION)))
    [status] = runtime.status([record])
    assert status.state == "ready"
    [run] = runtime.runs(record)
    assert (run.id, run.own, run.status) == (state.outputs["run"], True, "succeeded")
    assert list(runtime.logs(record, child=None, follow=False, tail=None))

    job.delete(context, state)
    assert job.read(context, state) is None
    assert runtime.runs(record) == []


@pytest.mark.usefixtures("door_open")
def test_traffic(context: Context, emulated: AzureEmulation) -> None:
    traffic = Traffic()
    inputs = TrafficInputs(endpoint_id=ENDPOINT, traffic={"blue": 100})
    before = emulated.world.get(ENDPOINT)
    state = traffic.create(context, inputs)
    assert traffic.read(context, state) == state
    after = emulated.world.get(ENDPOINT)
    assert before is not None
    assert after is not None
    assert after["properties"]["traffic"] == {"blue": 100}
    changed = ("traffic", "mirrorTraffic", "provisioningState")
    for key in before["properties"].keys() - set(changed):
        assert after["properties"][key] == before["properties"][key], key
    traffic.delete(context, state)
    left = emulated.world.get(ENDPOINT)
    assert left is not None
    assert not left["properties"].get("traffic")


@pytest.mark.usefixtures("door_open")
def test_an_endpoint_is_asked_by_its_key(context: Context) -> None:
    main = ChildRecord("u", "azure-native:machinelearningservices:OnlineEndpoint", "digits", ENDPOINT, {}, {})
    Traffic().create(context, TrafficInputs(endpoint_id=ENDPOINT, traffic={"blue": 100}))
    outputs = {
        "url": "https://digits.westeurope.inference.ml.azure.com/score",
        "key": None,
        "deployments": {"blue": {}},
    }
    record = Record("endpoints", "digits", outputs, [main])
    runtime = AzureRuntime(Site("uid", context.root, Settings(subscription=SUBSCRIPTION)))
    answer = runtime.invoke(record, b'{"instances": [[1]]}', "application/json", deployment=None)
    assert answer.status == 200
    assert list(runtime.logs(record, child="blue", follow=False, tail=5))
    [status] = runtime.status([Record("endpoints", "digits", {**outputs, "id": ENDPOINT}, [main])])
    assert status.state == "ready"


@pytest.mark.parametrize("kind", ["429", "5xx", "lost", "timeout"])
def test_passing_faults_leave_one_of_each(
    context: Context, emulated: AzureEmulation, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A transient fault at the first call that makes, and at the first that reads, is passed over:
    there is one run in the end, though the answer to its submission was lost."""
    rule = {"kind": kind, "door": "http", "latency": "10ms"}
    plan = Plan.model_validate({"faults": [{**rule, "operation": each} for each in ("create", "read")]})
    upload = _upload(context.root)
    with http.serving(emulated, Faults(plan, emulated.world), context.root) as url:
        monkeypatch.setenv(door.VARIABLE, url)
        for resource, inputs in ((Upload(), upload), (Job(), _job())):
            state = resource.create(context, inputs)  # type: ignore[arg-type]
            assert resource.read(context, state) == state
    jobs = [body["properties"].get("tags") or {} for _, _, body in emulated.world.under(f"{WORKSPACE}/jobs/")]
    assert [tags["mlstack-job"] for tags in jobs if "mlstack-stack" in tags] == ["train"]


@pytest.mark.parametrize(("kind", "category"), [("quota", "quota"), ("capacity", "quota")])
def test_a_refusal_says_its_category_and_the_rerun_goes_on(
    context: Context, emulated: AzureEmulation, monkeypatch: pytest.MonkeyPatch, kind: str, category: str
) -> None:
    rule = {"kind": kind, "door": "http", "operation": "create", "path": "*/jobs/*"}
    with http.serving(
        emulated, Faults(Plan.model_validate({"faults": [rule]}), emulated.world), context.root
    ) as url:
        monkeypatch.setenv(door.VARIABLE, url)
        with pytest.raises(MlstackError) as raised:
            Job().create(context, _job())
        assert raised.value.category == category
        assert "myQuotas" in (raised.value.remedy or "")
        assert Job().create(context, _job()).outputs["status"] == "succeeded"


@pytest.mark.usefixtures("door_open")
def test_doctor(context: Context) -> None:
    runtime = AzureRuntime(Site("uid", context.root, Settings(subscription=SUBSCRIPTION)))
    found = {what: (well, detail) for what, well, detail in runtime.check()}
    assert found["azure packages"][0]
    assert found["azure credentials"] == (True, "a rehearsal needs none")
