"""Registered models: copied whole or not at all, never changed, damage seen."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from mlstack_local import models
from mlstack_local.layout import Layout
from mlstack_local.models import flavor
from mlstack_local.resources.model import Model, ModelInputs
from mlstack_serving import flavors as serving
from mlstack_serving.manifest import verify

from mlstack import content
from mlstack.resource import UNKNOWN, Context, ResourceFailed, State


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    (folder / "deep").mkdir(parents=True)
    (folder / "model.joblib").write_bytes(b"weights")
    (folder / "deep" / "vocabulary").write_text("a b")
    return folder


def inputs(files: Path, /, **changes: Any) -> ModelInputs:
    given = {
        "stack_uid": "uid",
        "name": "digits",
        "source": files.name,
        "version": content.version(files),
        "lineage": {"job": "train"},
    }
    return ModelInputs.model_validate({**given, **changes})


def folder(context: Context, state: State) -> Path:
    return context.root / str(state.outputs["uri"])


def test_it_is_copied_with_hashes_and_lineage(context: Context, source: Path) -> None:
    wanted = inputs(source)
    made = Model().create(context, wanted)

    assert made.id == "uid/model/digits"
    assert made.outputs["uri"] == f".mlstack/local/uid/models/digits/{wanted.version}"
    assert made.outputs["flavor"] == "sklearn"
    manifest = folder(context, made) / "mlstack-model.json"
    assert made.outputs["digest"] == hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert json.loads(manifest.read_text()) == {
        "name": "digits",
        "version": wanted.version,
        "flavor": "sklearn",
        "files": {
            "deep/vocabulary": hashlib.sha256(b"a b").hexdigest(),
            "model.joblib": hashlib.sha256(b"weights").hexdigest(),
        },
        "lineage": {"job": "train"},
    }
    verify(folder(context, made), made.outputs["digest"])  # the server's own check agrees


def test_it_does_not_change_with_its_source(context: Context, source: Path) -> None:
    old = Model().create(context, inputs(source))
    (source / "model.joblib").write_bytes(b"better")
    new_inputs = inputs(source)
    new = State(old.id, new_inputs.model_dump(), Model().update(context, old, new_inputs))

    assert (folder(context, old) / "model.joblib").read_bytes() == b"weights"
    assert (folder(context, new) / "model.joblib").read_bytes() == b"better"
    Model().delete(context, new)
    Model().delete(context, new)
    assert not Layout(context.root, "uid").home.exists()


def test_the_same_files_are_registered_once(context: Context, source: Path) -> None:
    first = Model().create(context, inputs(source))
    before = (folder(context, first) / "mlstack-model.json").stat().st_mtime_ns
    again = Model().create(context, inputs(source, lineage={"job": "other"}))
    assert again.outputs == first.outputs
    assert (folder(context, first) / "mlstack-model.json").stat().st_mtime_ns == before


def test_another_flavor_is_another_manifest(context: Context, source: Path) -> None:
    first = Model().create(context, inputs(source))
    wanted = inputs(source, flavor="xgboost")
    assert Model().preview(context, wanted.model_dump(), first) == {
        "uri": first.outputs["uri"],
        "version": first.outputs["version"],
        "flavor": "xgboost",
        "digest": UNKNOWN,
    }
    outputs = Model().update(context, first, wanted)
    assert outputs["flavor"] == "xgboost"
    verify(context.root / outputs["uri"], outputs["digest"])


def test_a_single_file_is_kept_under_the_name_that_servers_look_for(context: Context, tmp_path: Path) -> None:
    (tmp_path / "classifier.joblib").write_bytes(b"weights")
    made = Model().create(context, inputs(tmp_path / "classifier.joblib"))
    assert made.outputs["flavor"] == "sklearn"
    assert (folder(context, made) / "model.joblib").read_bytes() == b"weights"
    verify(folder(context, made), made.outputs["digest"])


def test_a_registered_model_can_be_registered_again(context: Context, source: Path) -> None:
    made = Model().create(context, inputs(source))
    copy = context.root / "copy"
    folder(context, made).rename(copy)
    again = Model().create(context, inputs(copy))
    verify(folder(context, again), again.outputs["digest"])


@pytest.mark.parametrize("damage", ["change", "remove", "manifest", "all"])
def test_damage_is_seen_and_repaired(context: Context, source: Path, damage: str) -> None:
    made = Model().create(context, inputs(source))
    assert Model().read(context, made) == made
    time.sleep(0.02)  # further than the granularity of a file system's clock
    weights = folder(context, made) / "model.joblib"
    if damage == "change":
        stat = weights.stat()
        weights.write_bytes(b"WEIGHTS")
        os.utime(weights, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # of the same size and time
    elif damage == "remove":
        weights.unlink()
    elif damage == "manifest":
        (folder(context, made) / "mlstack-model.json").write_text("{")
    else:
        subprocess.run(["rm", "-r", folder(context, made)], check=True)

    assert Model().read(context, made) is None
    again = Model().create(context, inputs(source))
    assert again == made
    assert (folder(context, again) / "model.joblib").read_bytes() == b"weights"


def test_a_touch_is_no_damage(context: Context, source: Path) -> None:
    made = Model().create(context, inputs(source))
    time.sleep(0.02)
    (folder(context, made) / "model.joblib").touch()
    assert Model().read(context, made) == made


KILLED = """
import os, shutil, sys
from pathlib import Path
from mlstack_local import models
from mlstack_local.layout import Layout
copies = []
def audit(event, arguments):
    if event == "open" and str(arguments[0]).endswith(sys.argv[3]) and "/.new-" in str(arguments[0]):
        os.kill(os.getpid(), 9)
sys.addaudithook(audit)
models.register(Layout(Path(sys.argv[1]), "uid"), "digits", Path(sys.argv[1]) / "out", sys.argv[2], None, {})
"""


@pytest.mark.parametrize("at", ["vocabulary", "model.joblib", "mlstack-model.json"])
def test_killed_in_the_middle_there_is_nothing_or_all(context: Context, source: Path, at: str) -> None:
    wanted = inputs(source)
    arguments = [sys.executable, "-c", KILLED, str(context.root), wanted.version, at]
    assert subprocess.run(arguments).returncode == -9

    assert Model().find(context, wanted.model_dump()) is None
    made = Model().create(context, wanted)
    assert Model().find(context, wanted.model_dump()) == made
    home = Layout(context.root, "uid").model("digits", "x").parent
    assert {path.name for path in home.iterdir()} == {wanted.version, ".lock"}


def test_a_source_that_changed_meanwhile(context: Context, source: Path) -> None:
    wanted = inputs(source)
    (source / "model.joblib").write_bytes(b"other")
    with pytest.raises(ResourceFailed, match=f"no longer {wanted.version}") as caught:
        Model().create(context, wanted)
    assert caught.value.category == "transient"
    assert Model().find(context, wanted.model_dump()) is None


def test_a_source_that_is_gone(context: Context, source: Path) -> None:
    with pytest.raises(ResourceFailed, match="elsewhere does not exist"):
        Model().create(context, inputs(source, source="elsewhere"))
    with pytest.raises(ResourceFailed, match="elsewhere does not exist"):
        Model().create(context, inputs(source, source="elsewhere", flavor="sklearn"))


def test_files_without_a_flavor(context: Context, source: Path) -> None:
    (source / "model.joblib").rename(source / "thing.bin")
    with pytest.raises(ResourceFailed, match="do not tell its flavor") as caught:
        Model().create(context, inputs(source))
    assert "model.onnx" in str(caught.value.remedy)
    assert Model().create(context, inputs(source, flavor="custom")).outputs["flavor"] == "custom"


def test_preview(context: Context, source: Path) -> None:
    wanted = inputs(source)
    uri = f".mlstack/local/uid/models/digits/{wanted.version}"
    assert Model().preview(context, wanted.model_dump(), None) == {
        "uri": uri,
        "version": wanted.version,
        "flavor": UNKNOWN,
        "digest": UNKNOWN,
    }
    assert Model().preview(context, {**wanted.model_dump(), "version": UNKNOWN, "flavor": "onnx"}, None) == {
        "uri": UNKNOWN,
        "version": UNKNOWN,
        "flavor": "onnx",
        "digest": UNKNOWN,
    }
    made = Model().create(context, wanted)
    lineage = {"job": UNKNOWN}
    assert Model().preview(context, {**wanted.model_dump(), "lineage": lineage}, made) == made.outputs


def test_the_rule_is_the_servers_own() -> None:
    assert {item.name: item.files for item in serving.FLAVORS} == flavor.FILES
    assert [item.name for item in serving.FLAVORS] == list(flavor.FILES)


@pytest.mark.parametrize("name", [name for names in flavor.FILES.values() for name in names])
def test_each_file_tells_the_flavor_that_the_server_finds(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert models.find(tmp_path) == serving.find(tmp_path, None)[0]
