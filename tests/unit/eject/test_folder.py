"""The folder of an ejected program: no secret in it, nothing written over, nothing made of nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlstack.eject import write
from mlstack.engine.project import Project
from mlstack.errors import UsageError
from mlstack.plugin.wire import SECRET, SIGNATURE

CANARY = "canary-5f1d09"
OTHER = "canary-of-nowhere"
HEAD = "urn:pulumi:dev::demo::"


def _secret(value: Any) -> dict[str, str]:
    return {SIGNATURE: SECRET, "plaintext": json.dumps(value)}


RESOURCES: list[dict[str, Any]] = [
    {"urn": f"{HEAD}pulumi:pulumi:Stack::demo-dev", "type": "pulumi:pulumi:Stack", "outputs": {"a": "b"}},
    {"urn": f"{HEAD}mlstack:index:Job::train", "type": "mlstack:index:Job"},
    {
        "urn": f"{HEAD}mlstack:index:Job$mlstack:local:Job::train",
        "type": "mlstack:local:Job",
        "custom": True,
        "id": "train-1",
        "parent": f"{HEAD}mlstack:index:Job::train",
        "inputs": {"token": _secret(CANARY), "environment": {"KEY": _secret(OTHER)}, "code": "src"},
        "outputs": {"token": _secret(CANARY)},
        "protect": True,
        "ignoreChanges": ["code"],
    },
]


def _project(root: Path) -> Project:
    return Project(root, "demo", "dev", "local", lambda: None, {"name": "demo"})


def test_a_secret_is_read_where_it_is_and_never_written(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print()")
    done = write(_project(tmp_path), RESOURCES, tmp_path / "out", {CANARY: "TRAIN_TOKEN"})
    text = (done.folder / "__main__.py").read_text()
    assert "'token': pulumi.Output.secret(os.environ['TRAIN_TOKEN'])" in text
    assert "'KEY': config.require_secret('train-environment-KEY')" in text
    assert done.asked == ("train-environment-KEY",)
    assert "protect=True, ignore_changes=['code']" in text
    assert (done.folder / "src" / "train.py").is_file()
    everything = "".join(each.read_text() for each in done.folder.rglob("*") if each.is_file())
    assert CANARY not in everything
    assert OTHER not in everything
    compile(text, "__main__.py", "exec")


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        write(_project(tmp_path), RESOURCES, tmp_path, {})
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_a_stack_that_is_not_up_has_no_program(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no resources yet"):
        write(_project(tmp_path), [], tmp_path / "out", {})
    assert not (tmp_path / "out").exists()
