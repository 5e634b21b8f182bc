"""What the builders of files share: local paths, and what becomes of old versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlstack.errors import UsageError
from mlstack.provider import Build


def warn_of_keep(build: Build) -> None:
    if build.spec.keep:
        build.warn("keep", "every version is kept until the stack goes: they are not counted")


def local_path(build: Build, field: str, given: Any) -> str:
    """A path of the spec as inputs hold it: relative to the spec's folder where it is below that."""
    path: Path = build.root / given
    if not path.exists():
        raise UsageError(
            f"{build.kind}.{build.name}.{field}: there is no {given}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    if Path(given).is_absolute() and path.is_relative_to(build.root):
        return path.relative_to(build.root).as_posix()
    return Path(given).as_posix()
