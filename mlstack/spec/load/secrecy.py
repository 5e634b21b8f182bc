"""Which values no message may show, whatever is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mlstack.spec.source import Step

_SECRET = re.compile(
    r"passw|passphrase|token|secret|credential|private|(^|[-_])pwd($|[-_])|api[-_]?key|(^|[-_])keys?$",
    re.IGNORECASE,
)
_WIDTH = 60


def is_secret(path: Sequence[Step]) -> bool:
    """Whether the value at ``path`` lies below ``secrets``, or below a key that is named like one."""
    return any(isinstance(step, str) and _SECRET.search(step) for step in path)


def show(value: Any, path: Sequence[Step]) -> str:
    """The value as a message quotes it: at most 60 characters; what it is, where it may be secret."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if is_secret(path):
        return "a value (not shown)"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        flat = " ".join(value.split())
        return f"'{flat}'" if len(flat) <= _WIDTH - 2 else f"'{flat[: _WIDTH - 5]}...'"
    return str(value)
