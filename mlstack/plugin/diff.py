"""What differs between two sets of inputs, as property paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlstack.resource import UNKNOWN

Change = Literal["add", "update", "delete"]

_QUOTED = re.compile(r'\["((?:[^"\\]|\\.)*)"\]', re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def join(path: str, key: str | int) -> str:
    """A property path one step deeper; keys that are no plain words are quoted."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    if not _PLAIN.fullmatch(key):
        escaped = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'{path}["{escaped}"]'
    return f"{path}.{key}" if path else key


def changes(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Change]]:
    """Each difference, at its deepest path. An unknown new value counts as a change. A null and a
    missing key are the same."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from changes(old.get(key), new.get(key), join(path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, join(path, index))
    elif old == new and isinstance(old, bool) == isinstance(new, bool) and new is not UNKNOWN:
        return  # in Python True is 1; in a spec it is not
    elif old is None:
        yield path, "add"
    else:
        yield path, "delete" if new is None else "update"


def top(path: str) -> str:
    """The top-level property of a path."""
    if quoted := _QUOTED.match(path):
        return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
    return re.split(r"[.\[]", path, maxsplit=1)[0]
