"""Mistakes that people make in specs and in native blocks, from a table of a cloud's own.

A folder has `sound.yaml`, a stack that nothing is wrong with, and `mistakes.yaml`: what is laid over it, and
what an answer has to say then.

- ``change``: maps merge, null takes out, all else replaces. ``!long N`` is a text of so many characters.
- ``at``: the place in the spec that has to be mended; the answer has to name its line.
- ``field``: words of the place that is blamed: in the error's path, where or message.
- ``says``: words of the remedy or of the message: the suggestion, or the choices.
- ``category``: whose fault it is; the user's where nothing is said.
- ``command``: what is run; a preview where nothing is said, as most is known before anything is made.
- ``faults``: what the emulated cloud is to refuse.
- ``pending``: what the answer lacks so far; the test is expected to fail, strictly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Mistake:
    """A row of the table."""

    name: str
    change: Mapping[str, Any]
    field: tuple[str, ...]
    says: tuple[str, ...]
    at: Place | None = None
    category: str = "user"
    command: str = "preview"
    faults: Sequence[Mapping[str, Any]] = ()
    pending: str | None = None


def mistakes(folder: Path) -> list[Mistake]:
    """The rows of a folder's table."""
    return [
        Mistake(name, **{key: _frozen(item) for key, item in row.items()})
        for name, row in _yaml().load(folder / "mistakes.yaml").items()
    ]


def sound(folder: Path) -> dict[str, Any]:
    """The stack that the mistakes are laid over."""
    found: dict[str, Any] = _yaml().load(folder / "sound.yaml")
    return found


def parameters(cloud: str, rows: Sequence[Mistake]) -> list[Any]:
    """A cloud's rows for pytest."""
    return [
        pytest.param(
            cloud,
            row,
            id=f"{cloud}-{row.name}",
            marks=[pytest.mark.xfail(reason=row.pending, strict=True)] if row.pending else [],
        )
        for row in rows
    ]


def laid(below: Any, above: Any) -> Any:
    """Maps merge, null takes out, all else replaces."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    merged = {**below, **{key: laid(below.get(key), item) for key, item in above.items()}}
    return {key: item for key, item in merged.items() if item is not None}


def _frozen(item: Any) -> Any:
    return tuple(item) if isinstance(item, list) else item


def _long(_loader: Any, node: Any) -> str:
    return "x" * int(node.value)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("!long", _long)
    return yaml
