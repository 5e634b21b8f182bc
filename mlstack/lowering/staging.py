"""Folders that are put together on this machine before they are uploaded.

They lie below ``.mlstack/`` of the project, at a path that depends on the spec alone, so that a state file
names the same path on every machine.
"""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Mapping
from pathlib import Path

from mlstack.provider import Build

_ROOT = Path(".mlstack")


def folder(build: Build, target: str, *where: str, files: Mapping[str, str | Path]) -> str:
    """Put texts and copies of files together for a target; the path, relative to the spec.

    What is there as it should be is left alone: its digest is known, and a stack may have many such folders.
    """
    relative = _ROOT.joinpath(target, build.kind, build.name, *where)
    place = build.root / relative
    wanted = {place / name: content for name, content in files.items()}
    if any(path.is_symlink() or path.is_dir() == (path in wanted) for path in place.rglob("*")):
        shutil.rmtree(place)  # something that belongs to none of them
    for file, content in wanted.items():
        if _holds(file, content):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, file)
        else:
            file.write_text(content)
    return relative.as_posix()


def _holds(file: Path, content: str | Path) -> bool:
    if not file.is_file():
        return False
    if isinstance(content, Path):
        return filecmp.cmp(content, file, shallow=False)
    return file.read_text() == content
