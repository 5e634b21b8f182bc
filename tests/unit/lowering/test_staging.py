"""Folders put together before an upload hold just what was asked for, and what is right stays as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mlstack.lowering import staging


class Built:
    """What staging asks of a `Build`."""

    kind = "endpoints"
    name = "wine"

    def __init__(self, root: Path) -> None:
        self.root = root


@pytest.fixture
def build(tmp_path: Path) -> Any:
    return Built(tmp_path)


def held(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if not path.is_dir()
    }


def test_texts_and_copies_are_put_together(build: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("own")
    path = staging.folder(build, "cloud", "blue", files={"score.py": "text", "deep/er/own.py": own})
    assert path == ".mlstack/cloud/endpoints/wine/blue"
    assert held(tmp_path / path) == {"score.py": "text", "deep/er/own.py": "own"}


def test_what_is_as_it_should_be_is_left_alone(build: Any, tmp_path: Path) -> None:
    """So that its digest is still known; a text of the same length is none the less another."""
    own = tmp_path / "own.py"
    own.write_text("own")
    files = {"same.py": "same", "own.py": own, "other.py": "before"}
    folder = tmp_path / staging.folder(build, "cloud", "blue", files=files)
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    staging.folder(build, "cloud", "blue", files={**files, "other.py": "after!"})
    assert held(folder)["other.py"] == "after!"
    times = {path.name: path.stat().st_mtime for path in folder.iterdir()}
    assert (times["same.py"], times["own.py"]) == (1, 1)
    own.write_text("new")
    staging.folder(build, "cloud", "blue", files=files)
    assert held(folder) == {"same.py": "same", "own.py": "new", "other.py": "before"}


def test_what_belongs_to_none_of_them_goes(build: Any, tmp_path: Path) -> None:
    folder = tmp_path / staging.folder(build, "cloud", "blue", files={"a/b.py": "1", "c.py": "2"})
    staging.folder(build, "cloud", "blue", files={"a": "now a file"})
    assert held(folder) == {"a": "now a file"}
    staging.folder(build, "cloud", "blue", files={"a/b.py": "again a folder"})
    assert held(folder) == {"a/b.py": "again a folder"}
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    (folder / "a" / "b.py").unlink()
    (folder / "a" / "b.py").symlink_to(outside)
    staging.folder(build, "cloud", "blue", files={"a/b.py": "mine"})
    assert outside.read_text() == "not ours"
    assert not (folder / "a" / "b.py").is_symlink()
