"""Uploads, as moto's S3 keeps them."""

from __future__ import annotations

import io
import random
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlstack_aws.cloud import Interrupted, objects
from mlstack_aws.resources.upload import Upload, UploadInputs
from mlstack_aws.tree import TREE

from mlstack.content import fingerprint
from mlstack.errors import TargetError
from mlstack.lowering.upload import INCOMPLETE
from mlstack.resource import Context, State

REGION = "eu-west-1"


def inputs(bucket: str, root: Path, path: str, **more: Any) -> UploadInputs:
    digest = more.pop("digest", None) or TREE.version(root / path, plain=more.get("plain", False))
    return UploadInputs(
        stack_uid="c0ffee", home="data/rows", region=REGION, bucket=bucket, path=path, digest=digest, **more
    )


def keys(aws: Any, bucket: str) -> set[str]:
    return {each["Key"] for each in aws("s3").list_objects_v2(Bucket=bucket).get("Contents", ())}


@pytest.fixture
def rows(context: Context) -> Path:
    folder = context.root / "rows"
    (folder / "more").mkdir(parents=True)
    (folder / "a.csv").write_text("1\n")
    (folder / "more/b.csv").write_text("2\n")
    (folder / ".env").write_text("SECRET=1\n")
    return folder


def test_a_folder_is_there_under_its_hash(aws: Any, bucket: str, context: Context, rows: Path) -> None:
    given = inputs(bucket, context.root, "rows")
    state = Upload().create(context, given)
    prefix = f"mlstack/c0ffee/data.rows/{given.digest}"
    assert state.outputs["uri"] == f"s3://{bucket}/{prefix}/"
    assert keys(aws, bucket) == {f"{prefix}/a.csv", f"{prefix}/more/b.csv", f"{prefix}.json"}
    assert Upload().find(context, given.model_dump(exclude_none=True)) == replace(
        state, inputs=given.model_dump(exclude_none=True)
    )
    imported = Upload().read(context, State(state.id, {}, {}))
    assert imported is not None
    assert imported.inputs == {**given.model_dump()}


def test_a_torn_one_reads_as_incomplete_and_is_mended(
    aws: Any, bucket: str, context: Context, rows: Path
) -> None:
    given = inputs(bucket, context.root, "rows", plain=True)
    state = Upload().create(context, given)
    assert any(key.endswith(".env") for key in keys(aws, bucket))
    lost = next(key for key in keys(aws, bucket) if key.endswith("a.csv"))
    aws("s3").delete_object(Bucket=bucket, Key=lost)
    seen = Upload().read(context, state)
    assert seen is not None
    assert seen.inputs["digest"] == INCOMPLETE
    Upload().update(context, seen, given)
    assert lost in keys(aws, bucket)


def test_delete_leaves_what_is_anothers(aws: Any, bucket: str, context: Context, rows: Path) -> None:
    given = inputs(bucket, context.root, "rows")
    state = Upload().create(context, given)
    near = given.model_copy(update={"home": "data/rows-2"})
    Upload().create(context, near)
    Upload().delete(context, state)
    assert keys(aws, bucket)
    assert all("/data.rows-2/" in key for key in keys(aws, bucket))
    assert Upload().read(context, state) is None
    Upload().delete(context, state)


def test_delete_leaves_no_old_version(aws: Any, bucket: str, context: Context, rows: Path) -> None:
    s3 = aws("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    given = inputs(bucket, context.root, "rows")
    state = Upload().create(context, given)
    s3.delete_object(Bucket=bucket, Key=next(iter(keys(aws, bucket))))
    Upload().delete(context, state)
    left = s3.list_object_versions(Bucket=bucket)
    assert "Versions" not in left
    assert "DeleteMarkers" not in left


def test_large_files_go_in_parts_and_go_on(
    aws: Any, bucket: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "PART", 5 * 2**20)  # S3's least
    content = random.Random(6).randbytes(12 * 2**20)
    (context.root / "big.bin").write_bytes(content)
    given = inputs(bucket, context.root, "big.bin")
    key = f"mlstack/c0ffee/data.rows/{given.digest}/big.bin"
    s3 = aws("s3")
    begun = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    s3.upload_part(Bucket=bucket, Key=key, UploadId=begun, PartNumber=1, Body=content[: 5 * 2**20])
    state = Upload().create(context, given)
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == content
    assert not s3.list_multipart_uploads(Bucket=bucket).get("Uploads")
    assert state.outputs["uri"] == f"s3://{bucket}/{key}"
    assert state.outputs["bytes"] == len(content)


def test_what_changes_while_it_is_looked_at_is_told(bucket: str, context: Context, rows: Path) -> None:
    with pytest.raises(TargetError, match="written to"):
        Upload().create(context, inputs(bucket, context.root, "rows", digest="0" * 12))


def test_a_cancelled_run_stops(bucket: str, context: Context, rows: Path) -> None:
    given = inputs(bucket, context.root, "rows")
    stopped = replace(context)
    stopped.cancelled.set()
    with pytest.raises(Interrupted):
        Upload().create(stopped, given)


def test_a_pack_is_what_sagemaker_unpacks(aws: Any, bucket: str, context: Context, rows: Path) -> None:
    (context.root / "src").mkdir()
    (context.root / "src/score.py").write_text("def run(data): return data\n")
    digest = fingerprint(
        "tar.gz",
        f"code={TREE.version(context.root / 'src')}",
        TREE.version(rows, plain=True),
    )
    given = inputs(
        bucket, context.root, "rows", digest=digest, plain=True, packed=True, beside={"code": "src"}
    )
    state = Upload().create(context, given)
    key = state.outputs["uri"].removeprefix(f"s3://{bucket}/")
    first = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        assert archive.getnames() == [".env", "a.csv", "code/score.py", "more/b.csv"]
    Upload().delete(context, state)
    Upload().create(context, given)
    assert aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == first


def test_without_a_bucket_it_is_not_there(context: Context, rows: Path) -> None:
    given = inputs("no-such-bucket-of-ours", context.root, "rows")
    assert Upload().find(context, given.model_dump()) is None
    with pytest.raises(TargetError) as caught:
        Upload().create(context, given)
    assert caught.value.remedy


def test_what_a_job_has_left_is_packed_with_code(aws: Any, bucket: str, context: Context) -> None:
    (context.root / "serve").mkdir()
    (context.root / "serve/score.py").write_text("def run(data): ...\n")
    for name, text in (("model.txt", b"weights"), ("more/labels.txt", b"a b")):
        aws("s3").put_object(Bucket=bucket, Key=f"runs/r/output/model/net/{name}", Body=text)
    version = "0123456789ab"
    given = inputs(
        bucket, context.root, "", plain=True, packed=True, beside={"code": "serve"}, version=version,
        source=f"s3://{bucket}/runs/r/output/model/net/",
        digest=fingerprint("tar.gz", f"code={TREE.version(context.root / 'serve')}", version),
    )  # fmt: skip
    state = Upload().create(context, given)
    assert _names(aws, bucket, state) == {"model.txt", "more/labels.txt", "code/score.py"}

    # an archive, with the code beside what is in it
    again = given.model_copy(update={"source": state.outputs["uri"], "home": "endpoints/two"})
    assert _names(aws, bucket, Upload().create(context, again)) == _names(aws, bucket, state)
    found = Upload().find(context, given.model_dump(exclude_unset=True))
    assert found is not None
    assert found.outputs == state.outputs
    assert (Upload().read(context, State(state.id, {}, {})) or state).inputs == given.model_dump()


def test_a_job_that_left_nothing_is_told(aws: Any, bucket: str, context: Context) -> None:
    given = inputs(
        bucket, context.root, "", plain=True, packed=True, version="0123456789ab",
        source=f"s3://{bucket}/runs/r/output/model/net/", digest=fingerprint("tar.gz", "0123456789ab"),
    )  # fmt: skip
    with pytest.raises(TargetError, match="there is nothing at"):
        Upload().create(context, given)


def _names(aws: Any, bucket: str, state: State) -> set[str]:
    key = state.outputs["uri"].removeprefix(f"s3://{bucket}/")
    content = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as held:
        return set(held.getnames())
