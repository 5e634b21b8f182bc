"""What the builders of this target share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlstack import content
from mlstack.errors import MlstackError, UsageError
from mlstack.provider import Build
from mlstack_local import remote


def warn_of_tags(build: Build) -> None:
    warn_of(build, ["tags"], "nothing on this machine carries tags")


def warn_of(build: Build, fields: Iterable[str], message: str) -> None:
    """Say of each field that was given that it has no effect."""
    for field in fields:
        if field in build.spec.model_fields_set and getattr(build.spec, field) not in (None, {}, False):
            build.warn(field, message)


def place_of(build: Build, kind: str | None = None) -> tuple[str, str]:
    """(path or URI, version) of what the spec's ``path`` names; ``kind`` is file or folder, where it is said.

    The content of a path is hashed, a URI is listed: both in previews too.
    """
    given: Any = build.spec.path
    declared = getattr(build.spec, "version", None)
    if remote.is_remote(given):
        uri = remote.canonical(given, kind)
        try:
            version = remote.version_of(uri, declared)
        except MlstackError as error:
            error.where = f"{build.kind}.{build.name}.path"
            raise
        if declared is not None and version != declared:
            build.warn("version", "the checksums that are listed are its version")
        return uri, version
    path = local_path(build, "path")
    if declared is not None:
        build.warn("version", "the content of a local path is hashed: that is its version")
    return path, content.version(build.root / path)


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
