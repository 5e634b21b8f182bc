"""Uploads into an emulated Cloud Storage: whole, in part, beside each other, packed, gone."""

from __future__ import annotations

import io
import socket
import tarfile
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gcp_storage_emulator.server import create_server
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from mlstack_gcp.cloud import transfer
from mlstack_gcp.resources.upload import Upload, UploadInputs
from mlstack_gcp.tree import TREE

from mlstack.door import VARIABLE
from mlstack.errors import TargetError
from mlstack.lowering.tree import version_of_texts
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State
from mlstack.testing import resource_lifecycle

BUCKET = "machinery"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    server = create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    try:
        address = f"http://127.0.0.1:{port}"
        monkeypatch.setenv(VARIABLE, address)
        options = {"api_endpoint": address}
        client = storage.Client("p", credentials=AnonymousCredentials(), client_options=options)
        yield client.bucket(BUCKET)
    finally:
        server.stop()


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path, "urn", "x")


def _names(bucket: Any) -> list[str]:
    return sorted(blob.name for blob in bucket.list_blobs())


def _inputs(context: Context, path: str, **more: Any) -> UploadInputs:
    digest = TREE.version(context.root / path, plain=more.get("plain", False))
    values = {"stack_uid": "uid", "home": "jobs/train", "project": "p", "bucket": BUCKET, "path": path}
    return UploadInputs(**{**values, "digest": digest, **more})


def _folder(root: Path, **files: bytes) -> str:
    for name, held in files.items():
        file = root / "src" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held)
    return "src"


def test_its_life(context: Context, bucket: Any) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one", sub__b=b"two", empty=b"")).model_dump()
    assert list(resource_lifecycle(Upload(), context, inputs, None)) == []
    assert _names(bucket) == []


def test_a_folder_is_there_under_the_hash_of_its_content(context: Context, bucket: Any) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one", sub__b=b"two"), labels={"mlstack-stack": "uid"})
    state = Upload().create(context, inputs)
    prefix = f"mlstack/uid/jobs.train/{inputs.digest}"
    assert _names(bucket) == [f"{prefix}.json", f"{prefix}/a", f"{prefix}/sub/b"]
    assert bucket.blob(f"{prefix}/sub/b").download_as_bytes() == b"two"
    assert state.outputs == {"uri": f"gs://{BUCKET}/{prefix}/", "prefix": prefix, "files": 2, "bytes": 6}
    imported = Upload().read(context, State(state.id, {}, {}))
    assert imported is not None
    assert imported.inputs == {**state.inputs, "project": ""}


def test_a_file_keeps_its_name_and_a_preview_knows_where_it_will_be(context: Context, bucket: Any) -> None:
    (context.root / "rows.csv").write_bytes(b"1,2")
    inputs = _inputs(context, "rows.csv")
    told = Upload().preview(context, inputs.model_dump(), None)
    assert told["uri"] == Upload().create(context, inputs).outputs["uri"]
    assert told["uri"].endswith(f"{inputs.digest}/rows.csv")
    assert Upload().preview(context, {**inputs.model_dump(), "bucket": UNKNOWN}, None)["uri"] is UNKNOWN


def test_texts_as_one_archive_that_is_the_same_each_time(context: Context, bucket: Any) -> None:
    texts = {"Dockerfile": "FROM base\n", "home/a.py": "a\n"}
    inputs = UploadInputs(
        stack_uid="uid",
        home="environments/sk",
        bucket=BUCKET,
        texts=texts,
        pack=True,
        digest=version_of_texts(texts),
    )
    uri = Upload().create(context, inputs).outputs["uri"]
    assert uri.endswith("/context.tar.gz")
    blob = bucket.blob(uri.removeprefix(f"gs://{BUCKET}/"))
    first = blob.download_as_bytes()
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        assert tar.getnames() == ["Dockerfile", "home/a.py"]
    blob.delete()
    Upload().create(context, inputs)
    assert blob.download_as_bytes() == first


def test_what_is_missing_is_seen_and_sent_alone(
    context: Context, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one", b=b"two"))
    state = Upload().create(context, inputs)
    bucket.blob(f"mlstack/uid/jobs.train/{inputs.digest}/a").delete()
    seen = Upload().read(context, state)
    assert seen is not None
    assert seen.inputs["digest"] == "incomplete"
    said: list[str] = []
    Upload().create(Context(context.root, "urn", "x", log=said.append), inputs)
    assert said == [f"sending 1 files, 3 B, to gs://{BUCKET}"]
    again = Upload().read(context, state)
    assert again is not None
    assert again.inputs["digest"] == inputs.digest


def test_a_home_takes_nothing_of_its_neighbour_along(context: Context, bucket: Any) -> None:
    path = _folder(context.root, a=b"one")
    Upload().create(context, _inputs(context, path, home="jobs/train-2"))
    gone = Upload().create(context, _inputs(context, path))
    Upload().delete(context, gone)
    assert all(name.startswith("mlstack/uid/jobs.train-2/") for name in _names(bucket))
    assert len(_names(bucket)) == 2


def test_a_cancelled_run_sends_no_more(context: Context, bucket: Any) -> None:
    cancelled = threading.Event()
    cancelled.set()
    inputs = _inputs(context, _folder(context.root, a=b"one"))
    with pytest.raises(ResourceFailed) as caught:
        Upload().create(Context(context.root, "urn", "x", cancelled), inputs)
    assert caught.value.category == "transient"
    assert _names(bucket) == []


def test_what_changes_after_it_was_looked_at_is_not_sent(context: Context, bucket: Any) -> None:
    inputs = _inputs(context, _folder(context.root, a=b"one"))
    (context.root / "src" / "a").write_bytes(b"another")
    with pytest.raises(TargetError, match="written to after"):
        Upload().create(context, inputs)


def test_a_large_file_goes_in_chunks_within_bounded_memory(context: Context, bucket: Any) -> None:
    (context.root / "big").write_bytes(b"x" * (3 * transfer.CHUNK + 5))
    inputs = _inputs(context, "big")
    tracemalloc.start()
    try:
        # the emulator is in this process, and keeps all of it: what counts is what is read at once
        Upload().create(context, inputs)
    finally:
        tracemalloc.stop()
    name = f"mlstack/uid/jobs.train/{inputs.digest}/big"
    assert bucket.get_blob(name).size == 3 * transfer.CHUNK + 5
