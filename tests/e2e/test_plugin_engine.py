"""The example provider through the real engine: its plugin, its states, its diffs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

import mlstack as ml
from mlstack import content
from mlstack.engine.install import find_engine
from mlstack.engine.operations import Operator, Result
from mlstack.engine.project import Project
from mlstack.errors import MlstackError
from mlstack.gap import GapResource
from mlstack.testing import discoverable

EXAMPLE = Path(__file__).parents[2] / "examples" / "provider"

pytestmark = pytest.mark.engine


def program() -> None:
    """Data, and a model that is a copy of that copy: its path is an Output."""
    rows = ml.Data("rows", path="rows.csv", type="file")
    ml.Model("net", path=rows.uri)


@dataclass
class Stack:
    """One stack of the program in a folder of its own."""

    operator: Operator

    @property
    def root(self) -> Path:
        return self.operator.project.root

    @property
    def uid(self) -> str:
        return str(self.operator.project.stack_file.get("uid"))

    @property
    def state(self) -> dict[str, Any]:
        """Custom resources of the state, by name."""
        file = self.root / ".mlstack/state/.pulumi/stacks/example/dev.json"
        resources = json.loads(file.read_text())["checkpoint"]["latest"].get("resources", [])
        return {
            each["urn"].split("::")[-1]: each
            for each in resources
            if each["type"].startswith("mlstack:folder:")
        }

    def settings(self, path: str) -> None:
        file = self.operator.project.stack_file
        file.set("folder", {"path": path})
        file.save()

    def write(self, text: str) -> str:
        (self.root / "rows.csv").write_text(text)
        return content.version(self.root / "rows.csv")

    def copies(self, folder: str = "shared") -> set[str]:
        """Files below the target's folder, relative to the stack's own part of it."""
        home = self.root / folder / self.uid
        return {file.relative_to(home).as_posix() for file in home.rglob("*") if file.is_file()}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    engine = find_engine()
    if engine is None:
        pytest.skip("there is no engine: `make setup` obtains one")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "for tests only")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    root = tmp_path / "project"
    root.mkdir()
    (root / "rows.csv").write_text("x,y\n1,0\n")
    with discoverable(EXAMPLE):
        yield Stack(Operator(Project(root, "example", "dev", "folder", program, {}), engine))


def ops(result: Result) -> dict[str, str]:
    """What happened to each resource below the components."""
    return {
        change.parsed.name: change.op
        for change in result.changes
        if change.parsed.type.startswith("mlstack:folder:")
    }


def summary(result: Result) -> dict[str, int]:
    return {op: count for op, count in result.summary.items() if count}


def test_made_kept_changed_and_removed(stack: Stack) -> None:
    first = content.version(stack.root / "rows.csv")
    planned = stack.operator.preview()
    assert ops(planned) == {"rows": "create", "net": "create"}
    assert not (stack.root / "shared").exists()

    made = stack.operator.up()
    assert summary(made) == {"create": 4}
    assert stack.copies() == {f"data/rows/{first}/rows.csv", f"models/net/{first}/rows.csv"}
    assert stack.state["rows"]["id"] == f"shared/{stack.uid}/data/rows"
    assert stack.state["net"]["inputs"]["source"] == stack.state["rows"]["outputs"]["uri"]
    assert str(stack.root) not in json.dumps(stack.state)

    assert summary(stack.operator.preview()) == {"same": 4}

    second = stack.write("x,y\n1,0\n2,1\n")
    changed = stack.operator.up()
    assert ops(changed) == {"rows": "update", "net": "update"}
    (rows,) = [change for change in changed.changes if change.parsed.name == "rows" and change.diff]
    assert [(item.path, item.kind, item.replace) for item in rows.diff] == [("version", "update", False)]
    assert stack.copies() == {f"data/rows/{second}/rows.csv", f"models/net/{second}/rows.csv"}

    removed = stack.operator.down()
    assert summary(removed) == {"delete": 4}
    assert stack.state == {}
    assert stack.copies() == set()


def test_another_folder_replaces_both(stack: Stack) -> None:
    version = content.version(stack.root / "rows.csv")
    stack.operator.up()
    stack.settings("elsewhere")
    moved = stack.operator.up()
    assert ops(moved) == {"rows": "replace", "net": "replace"}
    (rows,) = [change for change in moved.changes if change.parsed.name == "rows" and change.diff]
    assert [(item.path, item.replace) for item in rows.diff] == [("folder", True)]
    assert stack.copies("elsewhere") == {f"data/rows/{version}/rows.csv", f"models/net/{version}/rows.csv"}
    assert stack.copies("shared") == set()


def test_a_lost_copy_is_seen_by_refresh_and_mended_by_up(stack: Stack) -> None:
    version = content.version(stack.root / "rows.csv")
    stack.operator.up()
    lost = stack.root / "shared" / stack.uid / "models" / "net" / version / "rows.csv"
    lost.unlink()

    refreshed = stack.operator.refresh()
    assert ops(refreshed)["net"] == "delete"
    assert stack.state.keys() == {"rows"}

    assert ops(stack.operator.up()) == {"rows": "same", "net": "create"}
    assert lost.read_text() == "x,y\n1,0\n"


def test_a_failure_of_the_plugin_arrives_whole(stack: Stack) -> None:
    (stack.root / "shared").write_text("in the way")
    with pytest.raises(MlstackError) as caught:
        stack.operator.up()
    error = caught.value
    assert error.category == "bug"  # the example does not foresee a file in place of its folder
    assert error.where == "data.rows"
    assert "plugin.log" in (error.remedy or "")
    assert "Traceback" in (stack.root / ".mlstack/log/plugin.log").read_text()


def test_the_engine_refuses_inputs_that_the_resource_does(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    def wrong() -> None:
        inputs = {"name": "rows", "source": "rows.csv", "version": "1", "folder": "shared"}
        colour = pulumi.Output.secret("crimson")
        GapResource("mlstack:folder:Copy", "rows", {**inputs, "colour": colour}, outputs=("uri",))

    operator = replace(stack.operator, project=replace(stack.operator.project, program=wrong))
    with pytest.raises(MlstackError) as caught:
        operator.preview()
    error = caught.value
    assert (error.code, error.category) == ("bad-input", "user")
    assert "colour" in error.message
    assert "Extra inputs are not permitted" in error.message
    assert "crimson" not in str(error)
    assert [record for record in caplog.records if record.name.startswith("grpc")] == []
    assert not (stack.root / "shared").exists()
