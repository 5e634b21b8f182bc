"""Folders that are put together on this machine before they are uploaded.

They lie below ``.mlstack/`` of the project, at a path that depends on the spec alone, so that a state file
names the same path on every machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from mlstack.provider import Build

_ROOT = Path(".mlstack") / "azure"


def folder(build: Build, *where: str, files: Mapping[str, str | Path]) -> str:
    """Put texts and copies of files together, in place of what was there; the path, relative to the spec."""
    relative = _ROOT.joinpath(build.kind, build.name, *where)
    target = build.root / relative
    if target.exists():
        shutil.rmtree(target)
    for name, content in files.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, file)
        else:
            file.write_text(content)
    return relative.as_posix()
