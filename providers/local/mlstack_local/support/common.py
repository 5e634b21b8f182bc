"""What the tables of refusals share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlstack.spec import Stack

#: Path in the spec, message, remedy.
Refusal = tuple[tuple[str | int, ...], str, str | None]

IN_A_CLOUD = "set it in the overlay of a cloud, mlstack.<stack>.yaml"


def missing_path(stack: Stack, place: tuple[str | int, ...], path: Any) -> Refusal | None:
    """The refusal of a path whose content cannot be hashed before anything is made, if it is one."""
    if not isinstance(path, str):
        return None
    if "://" in path:
        return place, f"{path} is not on this machine", "download it, and give its path"
    if not Path(stack.root / path).exists():
        return place, f"there is no {path}", "paths are relative to the spec's folder"
    return None
