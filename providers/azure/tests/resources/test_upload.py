"""Uploads into Azurite: whole, resumed, in part, beside each other, gone."""

from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from mlstack_azure.arm import transfer
from mlstack_azure.resources.upload import Upload, UploadInputs
from mlstack_azure.tree import TREE

from mlstack import content
from mlstack.errors import MlstackError, TargetError
from mlstack.lowering.progress import Progress
from mlstack.lowering.tree import Tree, version_of_texts
from mlstack.resource import UNKNOWN, Context, State
from providers.azure.tests.azurite import CONTAINER, Azurite
from providers.azure.tests.resources.conftest import STORE, WORKSPACE
from providers.azure.tests.strict import Says, Server

HOME = "mlstack/uid/jobs.train/"


def _inputs(context: Context, path: str, **more: Any) -> UploadInputs:
    values = {
        "stack_uid": "uid",
        "home": "jobs/train",
        "workspace_id": WORKSPACE,
        "path": path,
        "digest": TREE.version(context.root / path, plain=more.get("plain", False)),
    }
    return UploadInputs(**{**values, **more})


def _folder(root: Path, **files: bytes) -> str:
    for name, held in files.items():
        file = root / "src" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held)
    return "src"


def test_a_folder_is_there_under_the_hash_of_its_content(context: Context, azurite: Azurite) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one", sub__b=b"two", empty=b""))
    state = Upload().create(context, inputs)
    prefix = f"{HOME}{inputs.digest}"
    assert azurite.names() == [f"{prefix}.json", *(f"{prefix}/{name}" for name in ("a", "empty", "sub/b"))]
    assert azurite.client.download_blob(f"{prefix}/sub/b").readall() == b"two"
    assert state.outputs == {
        "uri": "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/workspaceblobstore/paths/"
        f"{prefix}/",
        "url": f"https://machinery.blob.core.windows.net/{CONTAINER}/{prefix}",
        "prefix": prefix,
        "account": "machinery",
        "container": CONTAINER,
        "files": 3,
        "bytes": 6,
    }
    assert inputs.digest == content.version(context.root / "src")


def test_a_file_keeps_its_name(context: Context, azurite: Azurite) -> None:
    (context.root / "rows.csv").write_bytes(b"1,2")
    inputs = _inputs(context, "rows.csv")
    outputs = Upload().create(context, inputs).outputs
    assert outputs["uri"].endswith(f"{inputs.digest}/rows.csv")
    assert outputs["url"].endswith(f"{inputs.digest}/rows.csv")
    assert inputs.digest == content.version(context.root / "rows.csv")


def test_texts_in_the_place_of_a_path(context: Context, azurite: Azurite) -> None:
    texts = {"Dockerfile": "FROM base\n", "more/conda.yaml": "name: x\n"}
    inputs = UploadInputs(
        stack_uid="uid",
        home="environments/sk",
        workspace_id=WORKSPACE,
        texts=texts,
        digest=version_of_texts(texts),
    )
    outputs = Upload().create(context, inputs).outputs
    assert outputs["uri"] == Upload().preview(context, inputs.model_dump(), None)["uri"]
    assert azurite.client.download_blob(f"{outputs['prefix']}/more/conda.yaml").readall() == b"name: x\n"
    assert outputs["files"] == 2


def test_what_is_there_is_not_sent_again(context: Context, azurite: Azurite) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one", b=b"two"))
    Upload().create(context, inputs)
    before = azurite.client.get_blob_client(f"{HOME}{inputs.digest}/a").get_blob_properties().etag
    azurite.client.delete_blob(f"{HOME}{inputs.digest}/b")
    Upload().create(context, inputs)
    assert azurite.client.get_blob_client(f"{HOME}{inputs.digest}/a").get_blob_properties().etag == before
    assert azurite.client.download_blob(f"{HOME}{inputs.digest}/b").readall() == b"two"
    lines: list[str] = context.lines  # type: ignore[attr-defined]
    assert [line.split(",")[0] for line in lines] == ["sending 2 files", "sending 1 files"]


def test_blocks_of_an_interrupted_transfer_are_not_sent_again(
    context: Context, azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run dies after some blocks; the second one sends the others."""
    monkeypatch.setattr(transfer, "BLOCK", 1000)
    monkeypatch.setattr(transfer, "_STREAMS", 1)
    held = bytes(range(256)) * 40
    inputs = _inputs(context, _folder(context.root, big=held))
    sent: list[int] = []

    class Dies(Progress):
        def add(self, count: int) -> None:
            sent.append(count)
            if len(sent) == 4:
                raise KeyboardInterrupt

    class Counts(Progress):
        def add(self, count: int) -> None:
            sent.append(count)

    monkeypatch.setattr("mlstack.lowering.upload.Progress", Dies)
    with pytest.raises(KeyboardInterrupt):
        Upload().create(context, inputs)
    assert azurite.names() == []
    assert Upload().find(context, inputs.model_dump()) is None

    blob = azurite.client.get_blob_client(f"{HOME}{inputs.digest}/big")
    staged = len(blob.get_block_list("uncommitted")[1])
    assert 4 <= staged < 11
    monkeypatch.setattr("mlstack.lowering.upload.Progress", Counts)
    requests: list[str] = []
    original = type(blob).stage_block

    def counted(self: Any, block_id: str, *args: Any, **more: Any) -> Any:
        requests.append(block_id)
        return original(self, block_id, *args, **more)

    monkeypatch.setattr(type(blob), "stage_block", counted)
    Upload().create(context, inputs)
    assert len(requests) == 11 - staged
    assert blob.download_blob().readall() == held


def test_a_file_that_changes_is_never_there_under_another_s_hash(
    context: Context, azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one"))
    digests = TREE.files(context.root / "src")
    (context.root / "src/a").write_bytes(b"eno")
    with pytest.raises(TargetError, match="written to after") as raised:
        Upload().create(context, inputs)
    assert raised.value.category == "transient"
    monkeypatch.setattr(Tree, "files", lambda *_, **__: digests)
    with pytest.raises(TargetError, match="changes while it is sent"):
        Upload().create(context, inputs)
    assert azurite.names() == []


def test_what_is_missing_shows_and_is_sent_by_the_next_update(context: Context, azurite: Azurite) -> None:
    upload = Upload()
    inputs = _inputs(context, _folder(context.root, a=b"one", b=b"two"))
    state = upload.create(context, inputs)
    assert upload.read(context, state) == state
    azurite.client.delete_blob(f"{HOME}{inputs.digest}/a")
    drifted = upload.read(context, state)
    assert drifted is not None
    assert drifted.inputs == {**state.inputs, "digest": "incomplete"}
    upload.update(context, drifted, inputs)
    assert upload.read(context, state) == state
    azurite.empty()
    assert upload.read(context, state) is None


def test_a_killed_create_is_found(context: Context, azurite: Azurite) -> None:
    upload = Upload()
    inputs = _inputs(context, _folder(context.root, a=b"one", b=b"two"))
    assert upload.find(context, inputs.model_dump()) is None
    azurite.client.upload_blob(f"{HOME}{inputs.digest}/a", b"one")
    found = upload.find(context, inputs.model_dump())
    assert found is not None
    assert found.inputs["digest"] == "incomplete"
    whole = upload.create(context, inputs)
    assert upload.find(context, inputs.model_dump()) == whole


def test_versions_stay_beside_each_other_until_all_go(context: Context, azurite: Azurite) -> None:
    upload = Upload()
    first = _inputs(context, _folder(context.root, a=b"one"))
    state = upload.create(context, first)
    neighbour = upload.create(context, _inputs(context, "src", home="jobs/train2"))
    second = _inputs(context, _folder(context.root, a=b"two"))
    outputs = upload.update(context, state, second)
    assert f"{HOME}{first.digest}/a" in azurite.names()
    assert outputs["prefix"] == f"{HOME}{second.digest}"
    upload.delete(context, State(state.id, second.model_dump(), outputs))
    assert {name.split("/")[2] for name in azurite.names()} == {"jobs.train2"}
    upload.delete(context, neighbour)
    upload.delete(context, neighbour)
    assert azurite.names() == []


def test_import_knows_the_newest_version(context: Context, azurite: Azurite) -> None:
    upload = Upload()
    inputs = _inputs(context, _folder(context.root, a=b"one"))
    state = upload.create(context, inputs)
    found = upload.read(context, State(state.id, {}, {}))
    assert found == state


def test_a_workspace_that_is_gone_takes_its_uploads_with_it(context: Context, server: Server) -> None:
    state = State(f"{STORE}/{HOME}", {"digest": "0" * 12}, {})
    assert Upload().read(context, state) is None
    Upload().delete(context, state)


def test_previews_know_the_place(context: Context) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one")).model_dump()
    seen = Upload().preview(context, inputs, None)
    assert seen["uri"].endswith(f"/paths/{HOME}{inputs['digest']}/")
    assert seen["url"] is UNKNOWN
    unknown = Upload().preview(context, {**inputs, "workspace_id": UNKNOWN}, None)
    assert set(unknown.values()) == {UNKNOWN}


def test_who_is_not_let_in_hears_of_the_role(context: Context, azurite: Azurite, server: Server) -> None:
    server.on("POST", f"{STORE}/listSecrets", Says(403, {"error": {"code": "AuthorizationFailed"}}))
    inputs = _inputs(context, _folder(context.root, a=b"one"))
    with pytest.raises(MlstackError) as raised:
        Upload().create(context, inputs)
    assert raised.value.category == "permission"


def test_a_store_that_is_not_of_blobs(context: Context, server: Server) -> None:
    server.on("GET", STORE, Says(body={"properties": {"datastoreType": "AzureFile", "accountName": "a"}}))
    with pytest.raises(TargetError, match="holds no blobs, but AzureFile"):
        Upload().create(context, _inputs(context, _folder(context.root, a=b"one")))


def test_memory_does_not_grow_with_the_file(
    context: Context, azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "BLOCK", 1 << 20)
    big = context.root / "big"
    with big.open("wb") as stream:
        for number in range(48):
            stream.write(bytes([number]) * (1 << 20))
    inputs = _inputs(context, "big")
    tracemalloc.start()
    try:
        Upload().create(context, inputs)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20
    blob = azurite.client.get_blob_client(f"{HOME}{inputs.digest}/big")
    assert blob.get_blob_properties().size == 48 << 20


def test_cancelling_ends_the_removal(context: Context, azurite: Azurite) -> None:
    state = Upload().create(context, _inputs(context, _folder(context.root, a=b"one")))
    cancelled = threading.Event()
    cancelled.set()
    stopped = Context(context.root, "urn", "name", cancelled)
    with pytest.raises(MlstackError, match="stopped"):
        Upload().delete(stopped, state)
