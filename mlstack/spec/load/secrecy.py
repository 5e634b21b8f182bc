"""Which values no message may show, whatever is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mlstack.spec.faults import shown
from mlstack.spec.source import Step

_SECRET = re.compile(
    r"passw|passphrase|token|secret|credential|private|(^|[-_])pwd($|[-_])|api[-_]?key|(^|[-_])keys?$",
    re.IGNORECASE,
)
_WIDTH = 60
_TELLING = 4  # a shorter value may be part of any word


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


def redact(text: str, value: Any, path: Sequence[Step]) -> str:
    """A message that others wrote about the value at ``path``, without what may be secret in it.

    They quote a value as ``shown`` does; a mapping or a list is never quoted, as keys in it may be secrets'.
    """
    if isinstance(value, dict | list | tuple):
        text = text.replace(shown(value), show(value, path))
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, below in steps:
            text = redact(text, below, (*path, step))
        return text
    if value is None or isinstance(value, bool) or not is_secret(path):
        return text
    text = text.replace(shown(value), show(value, path))
    return text.replace(str(value), "…") if len(str(value)) >= _TELLING else text
