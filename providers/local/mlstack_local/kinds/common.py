"""What the builders of this target share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlstack.errors import UsageError
from mlstack.provider import Build


def warn_of_tags(build: Build) -> None:
    warn_of(build, ["tags"], "nothing on this machine carries tags")


def warn_of(build: Build, fields: Iterable[str], message: str) -> None:
    """Say of each field that was given that it has no effect."""
    for field in fields:
        if field in build.spec.model_fields_set and getattr(build.spec, field) not in (None, {}, False):
            build.warn(field, message)


def local_path(build: Build, field: str) -> str:
    """A path of the spec as inputs hold it: relative to the spec's folder where it is below that."""
    given: Any = getattr(build.spec, field)
    if not isinstance(given, str):
        raise UsageError(
            f"{build.kind}.{build.name}.{field} is known only while the program runs",
            code="deferred-path",
            remedy="give a plain path: on this machine its content is read before anything is made",
        )
    path = build.root / given
    if not path.exists():
        raise UsageError(
            f"{build.kind}.{build.name}: there is no {given}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    if Path(given).is_absolute() and path.is_relative_to(build.root):
        return path.relative_to(build.root).as_posix()
    return Path(given).as_posix()
