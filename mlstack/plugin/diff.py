"""What differs between two sets of inputs, as property paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlstack.plugin.wire import has_unknown

Change = Literal["add", "update", "delete"]

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
    elif old == new and not has_unknown(new):
        return
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, join(path, index))
    elif old is None:
        yield path, "add"
    else:
        yield path, "delete" if new is None else "update"


def top(path: str) -> str:
    """The top-level property of a path."""
    if path.startswith('["'):
        return path[2 : path.index('"]')]
    return re.split(r"[.\[]", path, maxsplit=1)[0]
