"""Data and models of a stack that are elsewhere: the state has the URI, the work has a local path."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from mlstack_local import jobs, profiles, remote
from mlstack_local.jobs import JobInputs
from mlstack_local.layout import Layout
from mlstack_local.resources.data import Data, DataInputs
from mlstack_local.resources.job import Job
from mlstack_local.resources.model import Model, ModelInputs

import mlstack as ml
from mlstack.errors import UsageError
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.resource import Context, ResourceFailed, State
from mlstack.testing.record import record

from .conftest import S3

DAY = 86_400.0


def data(uri: str, /, **changes: Any) -> DataInputs:
    given = {
        "stack_uid": "uid",
        "name": "rows",
        "path": uri,
        "version": remote.version_of(uri, None),
        "type": "folder" if uri.endswith("/") else "file",
    }
    return DataInputs.model_validate({**given, **changes})


def held(uri: str) -> set[str]:
    """Versions that are in the cache."""
    folder = remote.local_path(uri, "x").parent
    folder = folder if uri.endswith("/") else folder.parent
    return {path.name for path in folder.iterdir() if path.is_dir() and path.name != "refs"}


def test_data_is_fetched_and_profiled(context: Context, s3: S3) -> None:
    s3.put("rows.csv", b"x,y\n1,2\n3,4\n")
    made = Data().create(context, data("s3://rows/rows.csv", columns={"label": "y"}))
    assert made.outputs["uri"] == "s3://rows/rows.csv"
    assert str(context.root) not in json.dumps([dict(made.inputs), dict(made.outputs)])
    found = profiles.load(context.root / made.outputs["profile"])
    assert found is not None
    assert (found.rows, found.label) == (2, "y")
    assert Data().read(context, made) == made
    s3.put("rows.csv", b"x,y\n1,2\n")
    seen = Data().read(context, made)
    assert seen is not None
    assert seen.inputs["version"] == remote.version_of("s3://rows/rows.csv", None)
    s3.delete("rows.csv")
    assert Data().read(context, made) is None


def test_a_label_that_is_not_there_is_told_when_the_table_is(context: Context, s3: S3) -> None:
    s3.put("rows.csv", b"x,target\n1,2\n")
    with pytest.raises(ResourceFailed, match=r"s3://rows/rows.csv: has no column 'tagret'") as caught:
        Data().create(context, data("s3://rows/rows.csv", columns={"label": "tagret"}))
    assert caught.value.remedy == "did you mean 'target'?"


def unused() -> set[str]:
    return {fetched.path.name for fetched in remote.unused()}


def age(uri: str) -> None:
    """As if its versions had been used a month ago."""
    month_ago = time.time() - 40 * DAY
    folder = remote.local_path(uri, "x").parent
    folder = folder if uri.endswith("/") else folder.parent
    for path in folder.glob("*"):
        os.utime(path, (month_ago, month_ago))


def test_old_versions_stay_for_a_month(context: Context, s3: S3) -> None:
    uri = "s3://rows/set/"
    s3.put("set/a.csv", b"0\n")
    state = Data().create(context, data(uri))
    Layout(context.root, "uid").home.mkdir(parents=True, exist_ok=True)
    versions = [state.inputs["version"]]
    for number in range(1, 5):
        s3.put("set/a.csv", b"%d\n" % number)
        wanted = data(uri, keep=1)
        state = State(state.id, wanted.model_dump(), Data().update(context, state, wanted))
        versions.append(wanted.version)
        time.sleep(0.02)
    assert held(uri) == set(versions)
    assert unused() == set(versions[:2])  # but for the present, the one before, and one that is kept
    age(uri)
    remote.ensure(uri, versions[0])  # a job reads it
    Data().update(context, state, data(uri, keep=0))
    assert held(uri) == {versions[0], *versions[-2:]}
    Data().delete(context, state)
    assert unused() == held(uri)
    since = {fetched.path.name: fetched.since for fetched in remote.unused()}
    assert time.time() - since[versions[-1]] < DAY  # it was needed until now
    assert all(remote.remove(fetched) for fetched in remote.unused())
    assert held(uri) == set()


def test_what_is_being_fetched_is_not_removed(context: Context, s3: S3) -> None:
    s3.put("one.csv", b"0\n")
    uri = "s3://rows/one.csv"
    version = remote.version_of(uri, None)
    path = remote.ensure(uri, version)
    [fetched] = remote.unused()
    with FileLock(fetched.path.parent / ".lock"):
        assert not remote.remove(fetched)
    remote.refer(Layout(context.root, "uid"), "one", uri, [version])
    assert not remote.remove(fetched)
    assert path.exists()


def test_collecting_leaves_what_a_stack_needs(context: Context, s3: S3, tmp_path: Path) -> None:
    s3.put("set/a.csv", b"0\n")
    state = Data().create(context, data("s3://rows/set/"))
    other = Layout(tmp_path / "gone", "other")
    s3.put("more.csv", b"0\n")
    version = remote.version_of("s3://rows/more.csv", None)
    remote.ensure("s3://rows/more.csv", version)
    remote.refer(other, "more", "s3://rows/more.csv", [version])
    Layout(context.root, "uid").home.mkdir(parents=True, exist_ok=True)
    assert unused() == set()
    [reference] = (context.root / "cache").rglob("other.more.json")
    month_ago = time.time() - 40 * DAY
    os.utime(reference, (month_ago, month_ago))  # its folder is gone, and has been for long
    assert unused() == {version}
    assert held("s3://rows/set/") == {state.inputs["version"]}


def test_a_job_reads_a_local_path(context: Context, s3: S3) -> None:
    s3.put("set/a.csv", b"x\n1\n")
    s3.put("one.txt", b"hello")
    versions = {uri: remote.version_of(uri, None) for uri in ("s3://rows/set/", "s3://rows/one.txt")}
    job = JobInputs.model_validate(
        {
            "stack_uid": "uid",
            "name": "show",
            "command": "cat ${{inputs.set}}/a.csv ${{inputs.one}} > ${{outputs.all}}",
            "environment": "",
            "inputs": {
                "set": {"uri": "s3://rows/set/", "version": versions["s3://rows/set/"]},
                "one": {"uri": "s3://rows/one.txt", "version": versions["s3://rows/one.txt"]},
            },
            "outputs": {"all": {"type": "file"}},
        }
    )
    Job().check(context, job)
    assert not (context.root / "cache" / "data").exists()  # a check fetches nothing
    made = Job().create(context, job)
    assert (context.root / made.outputs["outputs"]["all"]["uri"]).read_bytes() == b"x\n1\nhello"
    assert jobs.folder_of(job, context.root).path.is_dir()


def test_a_model_is_fetched_and_registered(context: Context, s3: S3) -> None:
    s3.put("models/digits/model.onnx", b"weights")
    uri = "s3://rows/models/digits/"
    version = remote.version_of(uri, None)
    wanted = ModelInputs(stack_uid="uid", name="digits", source=uri, version=version)
    made = Model().create(context, wanted)
    assert made.outputs["flavor"] == "onnx"
    assert made.outputs["uri"] == f".mlstack/local/uid/models/digits/{version}"
    assert (context.root / made.outputs["uri"] / "model.onnx").read_bytes() == b"weights"
    assert Model().read(context, made) == made


SPEC = """
version: 1
name: elsewhere
data:
  rows: {path: "s3://rows/set", type: folder, version: "7"}
  one: {path: "s3://rows/one.csv"}
models:
  m: {path: "s3://rows/model/"}
jobs:
  show:
    command: ls ${{inputs.rows}}
    inputs: {rows: data.rows}
"""


def test_builders_list_and_name_the_uri(context: Context, s3: S3) -> None:
    for name in ("set/a.csv", "one.csv", "model/model.onnx"):
        s3.put(name, b"x\n1\n")
    (context.root / "mlstack.yaml").write_text(SPEC)
    stack = ml.Stack.load(context.root / "mlstack.yaml")
    recording = record(provider("local"), lambda: deploy(stack), context.root)
    made = {found.name: found.inputs for found in recording.children()}
    version = remote.version_of("s3://rows/set/", None)
    assert (made["rows"]["path"], made["rows"]["type"]) == ("s3://rows/set/", "folder")
    assert made["rows"]["version"] == version
    assert (made["one"]["path"], made["one"]["type"]) == ("s3://rows/one.csv", "file")
    assert made["m"]["source"] == "s3://rows/model/"
    assert made["show"]["inputs"]["rows"] == {"uri": "s3://rows/set/", "version": version}
    [warned] = [each for each in recording.warnings if each.field == "version"]
    assert warned.resource == "data.rows"


def test_a_program_may_not_hold_secrets_either(context: Context) -> None:
    def program() -> None:
        ml.Data("rows", path="s3://AKIA:c4n4ry@bucket/x")

    with pytest.raises(UsageError, match="given with a credential in it"):
        record(provider("local"), program, context.root)
