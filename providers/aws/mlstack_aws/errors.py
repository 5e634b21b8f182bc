"""Errors that several builders raise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlstack.errors import UsageError
from mlstack.lowering.packages import Fault
from mlstack.provider import Build


def not_there(build: Build, field: str, path: Any) -> UsageError:
    return UsageError(
        f"{build.kind}.{build.name}.{field}: there is no {path}",
        code="missing-path",
        remedy="paths are relative to the spec's folder",
    )


def not_a_requirement(build: Build, fault: Fault) -> UsageError:
    return UsageError(
        f"environments.{build.name}: {fault.place}: {fault.message}",
        code="not-a-requirement",
        remedy=fault.remedy,
    )


def deferred(build: Build, field: str, remedy: str) -> UsageError:
    return UsageError(
        f"{build.kind}.{build.name}.{field} is known only while the program runs, and is read before that",
        code="deferred-path",
        remedy=remedy,
    )


def local_path(build: Build, field: str, given: Any) -> str:
    """A path of the spec as inputs hold it: relative to the spec's folder where it is below that."""
    path: Path = build.root / given
    if not path.exists():
        raise not_there(build, field, given)
    if Path(given).is_absolute() and path.is_relative_to(build.root):
        return path.relative_to(build.root).as_posix()
    return Path(given).as_posix()
