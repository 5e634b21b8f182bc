"""What the tables of refusals share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlstack.spec import Stack
from mlstack_local.remote import uris as remote

#: Path in the spec, message, remedy.
Refusal = tuple[tuple[str | int, ...], str, str | None]

IN_A_CLOUD = "set it in the overlay of a cloud, mlstack.<stack>.yaml"


def unusable_path(stack: Stack, place: tuple[str | int, ...], path: Any) -> Refusal | None:
    """The refusal of a path or URI whose content cannot be had, as far as can be told without a network."""
    if remote.is_remote(path):
        found = remote.problem(path)
        return (place, *found) if found else None
    return missing_path(stack, place, path)


def missing_path(stack: Stack, place: tuple[str | int, ...], path: Any) -> Refusal | None:
    """The refusal of a path whose content cannot be hashed before anything is made, if it is one."""
    if not isinstance(path, str):
        return None
    if remote.is_remote(path):
        shown = remote.redacted(path)
        return place, f"{shown} is not on this machine", "download it, and give its path"
    if not Path(stack.root / path).exists():
        return place, f"there is no {path}", "paths are relative to the spec's folder"
    return None
