"""What is removed, and above all what is not."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlstack_local import collection, environments, jobs, serving
from mlstack_local.jobs import JobInputs, Record, RunFolder
from mlstack_local.jobs.record import Request
from mlstack_local.layout import Layout
from mlstack_local.models import MANIFEST
from mlstack_local.resources.environment import Environment, EnvironmentInputs

from mlstack import runtime
from mlstack.resource import Context
from mlstack.runtime import ChildRecord

DAY = 86400.0


def record(kind: str, name: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> runtime.Record:
    token = f"mlstack:local:{kind.capitalize().removesuffix('s')}"
    child = ChildRecord("", token, name, "", {"name": name, **inputs}, outputs)
    return runtime.Record(kind, name, {}, (child,))


def run(folder: Path, *, days: float, status: str = "succeeded") -> Path:
    when = time.time() - days * DAY
    RunFolder(folder).write_request(Request("true", "/", "/"))
    RunFolder(folder).write(Record(status=status, requested=when, started=when, ended=when))  # type: ignore[arg-type]
    (folder / "log.txt").write_text("x" * 5000)
    return folder


def model(layout: Layout, version: str, *, days: float) -> Path:
    folder = layout.model("m", version)
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text("{}")
    for path in (folder / MANIFEST, folder):
        os.utime(path, (time.time() - days * DAY,) * 2)
    return folder


references = st.lists(st.booleans(), min_size=6, max_size=6)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(used=references, served=references, keep=st.integers(0, 3), everything=st.booleans())
def test_nothing_that_is_referred_to_is_removed(
    used: list[bool], served: list[bool], keep: int, everything: bool
) -> None:
    root = Path(tempfile.mkdtemp())
    layout = Layout(root, "uid")
    names = [f"{number}" * 12 for number in range(6)]
    beside = [run(layout.run("train", name), days=20 * place) for place, name in enumerate(names)]
    own = [run(layout.job("train", name), days=40) for name in names]
    scored = [run(layout.batch("nightly", name), days=40) for name in names]
    models = [model(layout, name, days=20 * place) for place, name in enumerate(names)]
    everywhere = [*beside, *own, *scored, *models]

    wanted = {folder for number, folder in enumerate(everywhere) if used[number % 6]}
    by_endpoints = {folder for number, folder in enumerate(everywhere) if served[(number + 2) % 6]}
    note = layout.endpoint("e") / "d" / "deployment.json"
    note.parent.mkdir(parents=True)
    note.write_text(repr([layout.relative(folder) for folder in by_endpoints]))
    paths = {str(number): f"{layout.relative(folder)}/outputs/x" for number, folder in enumerate(wanted)}
    records = [record("jobs", "train", {}, {"outputs": paths}), record("models", "m", {"keep": keep}, {})]

    planned = collection.collect(layout, records, everything=everything, dry_run=True)
    assert all(folder.exists() for folder in everywhere)
    assert collection.collect(layout, records, everything=everything) == planned
    gone = {folder for folder in everywhere if not folder.exists()}
    assert not gone & (wanted | by_endpoints)
    kinds = ("run", "job run", "batch run", "model")
    assert len(gone) == len([one for one in planned if one.kind in kinds])

    free = {*everywhere} - wanted - by_endpoints
    for runs in (own, scored):
        newest = max(runs, key=lambda folder: (folder / "run.json").stat().st_mtime if folder.exists() else 0)
        assert newest not in gone
        assert {*runs} & free - {newest} == gone & {*runs}
    old = {folder for place, folder in enumerate(beside) if everything or 20 * place >= 30}
    assert gone & {*beside} == old & free
    spare = sorted(free & {*models}, key=models.index)[keep:]  # beyond the newest that are kept
    assert gone & {*models} == {folder for folder in spare if everything or models.index(folder) >= 2}
    assert collection.collect(layout, records, everything=everything) == []
    shutil.rmtree(root)


def test_what_runs_is_not_removed(context: Context, tmp_path: Path) -> None:
    layout = Layout(tmp_path, "uid")
    wanted = JobInputs(stack_uid="uid", name="train", command="sleep 60", environment="")

    def nothing(reference: str) -> runtime.Artifact:
        raise AssertionError(reference)

    records = [record("jobs", "train", {}, {})]
    going = jobs.run_beside(layout, wanted.model_dump(), {}, print, artifact=nothing, detach=True)
    try:
        found = collection.collect(layout, records, everything=True)
        assert going.id not in str(found)
        request = RunFolder(layout.run("train", going.id)).read_request()
        assert environments.is_complete(Path(request.environment).name)
    finally:
        jobs.cancel(layout, "train")
    assert layout.run("train", going.id).exists()
    [one] = [one for one in collection.collect(layout, records, everything=True) if one.kind == "run"]
    assert one.name == f"train {going.id}"
    assert one.bytes > 0
    assert not layout.run("train", going.id).exists()


def test_environments_and_runtimes(context: Context, cache: Path) -> None:
    inputs = EnvironmentInputs(stack_uid="mine", name="sk", python="3.11", requirements=["six==1.9.0"])
    made = Environment().create(context, inputs)
    version = made.outputs["version"]
    layout = Layout(context.root, "mine")
    current = serving.folder(serving.runtime())
    old = current.with_name("0" * 12)
    old.mkdir()
    (old / "x.py").write_text("pass")

    assert version not in str(collection.collect(layout, [], everything=True, dry_run=True))
    Environment().delete(context, made)
    assert version not in str(collection.collect(layout, [], dry_run=True))  # it may be wanted again
    told = [one.name for one in collection.collect(layout, [], everything=True)]
    assert {version, "0" * 12} <= {*told}
    assert not environments.folder(version).exists()
    assert not old.exists()
    assert current.exists()
