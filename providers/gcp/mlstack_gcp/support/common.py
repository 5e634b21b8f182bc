"""What the tables of refusals share."""

from __future__ import annotations

from typing import Any

from mlstack.lowering.support import Refusal
from mlstack.spec import Stack
from mlstack_gcp import uris


def unusable_path(stack: Stack, place: tuple[str | int, ...], path: Any) -> Refusal | None:
    """The refusal of a path that is not there, or of a URI that is not read; None: it will do."""
    if not isinstance(path, str):
        return None
    if uris.scheme(path) is not None:
        found = uris.problem(path)
        return (place, *found) if found else None
    if not (stack.root / path).exists():
        return place, f"there is no {path}", "paths are relative to the spec's folder"
    return None
