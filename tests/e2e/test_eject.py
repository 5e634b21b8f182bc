"""An ejected program on the same state changes nothing, by the real engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.project import EXAMPLE, mlstack

CHANGES = ("create", "update", "delete", "replace", "create-replacement", "delete-replaced")


def _project(folder: Path, example: str) -> Path:
    ignored = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    return Path(shutil.copytree(EXAMPLE.parent / example, folder / example, ignore=ignored))


@pytest.mark.parametrize(
    ("example", "options"),
    [
        ("digits", ()),
        ("digits", ("--rehearse", "--cloud", "azure")),
        ("blue-green", ("--rehearse", "--cloud", "azure")),
    ],
)
def test_an_ejected_program_changes_nothing(tmp_path: Path, example: str, options: tuple[str, ...]) -> None:
    root = _project(tmp_path, example)
    try:
        up = mlstack(root, "up", "--yes", "--json", *options)
        assert up.returncode == 0, f"{up.stdout}\n{up.stderr}"
        folder = tmp_path / "plain"
        done = mlstack(root, "eject", str(folder), "--json", *options)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        shutil.copytree(root / ".mlstack", folder / ".mlstack", dirs_exist_ok=True)
        seen = mlstack(folder, "preview", "--json", *options)
        assert seen.returncode == 0, f"{seen.stdout}\n{seen.stderr}"
        summary = json.loads(seen.stdout)["summary"]
        assert summary["same"] >= json.loads(done.stdout)["resources"], summary
        assert not any(summary.get(change) for change in CHANGES), seen.stdout
    finally:
        mlstack(root, "down", "--yes", "--json", *options)
