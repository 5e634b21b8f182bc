"""A state is read after a kill between the engine's two writes: the state, and its file of attributes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.project import mlstack

pytestmark = pytest.mark.engine


def test_an_empty_file_of_attributes_does_not_make_a_state_unreadable(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x,y\n1,2\n")
    (tmp_path / "mlstack.yaml").write_text("version: 1\nname: torn\ndata: {rows: {path: rows.csv}}\n")
    assert mlstack(tmp_path, "up", "--yes").returncode == 0
    sidecars = list(tmp_path.rglob("torn/*.json.attrs")) + list(tmp_path.rglob("meta.yaml.attrs"))
    assert len(sidecars) == 2
    for command in (("preview",), ("up", "--yes")):
        for file in sidecars:
            file.write_text("")
        done = mlstack(tmp_path, *command, "--json")
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout)["summary"]
        assert summary["same"] > 0
        assert not any(count for op, count in summary.items() if op != "same"), summary
    assert mlstack(tmp_path, "down", "--yes").returncode == 0
