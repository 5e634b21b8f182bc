"""Values that may be known only when the program runs."""

from __future__ import annotations

from typing import Any

from mlstack.lowering.values import join, lift

__all__ = ["join", "last", "lift"]


def last(id: Any) -> Any:
    """The name at the end of a resource's path; a plain name is its own."""
    return lift(id, lambda text: text.rstrip("/").rsplit("/", 1)[-1])
