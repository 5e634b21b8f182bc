"""Compare two bodies, ours and what a cloud's own client or reference has, field by field, but for the
differences that a table allows with reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ABSENT = "(absent)"
EMPTY = "(empty)"
Leaves = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """A path at which two bodies differ, with the value that each has there, or `ABSENT`."""

    path: str
    ours: Any
    theirs: Any

    @property
    def side(self) -> str:
        """Who sends it at all."""
        if ABSENT in (self.ours, self.theirs):
            return "theirs alone" if self.ours == ABSENT else "mlstack alone"
        return "both"

    def __str__(self) -> str:
        return f"{self.path}: ours {self.ours!r}, theirs {self.theirs!r}"


@dataclass(frozen=True)
class Allowance:
    """A difference that is right, and why.

    ``kind`` and ``path`` are patterns of the whole (regular expressions). ``ours`` and ``theirs`` say which
    values: `ABSENT`, a value itself, or "*" for any. ``case``: only in that one. ``same``: the name of a
    reading (`READINGS`) by which the two values are equal.
    """

    kind: str
    path: str
    why: str
    ours: Any = "*"
    theirs: Any = "*"
    same: str = ""
    case: str = ""

    def allows(self, case: str, kind: str, found: Difference) -> bool:
        if self.case and self.case != case:
            return False
        if not (re.fullmatch(self.kind, kind) and re.fullmatch(self.path, found.path)):
            return False
        if self.same:
            read = READINGS[self.same]
            return ABSENT not in (found.ours, found.theirs) and read(found.ours) == read(found.theirs)
        return _matches(self.ours, found.ours) and _matches(self.theirs, found.theirs)


def _matches(wanted: Any, value: Any) -> bool:
    return bool(wanted == "*" or wanted == value)


@dataclass
class Table:
    """The allowances, which of them was needed, and for what (why, kind, path with who sends it)."""

    allowances: tuple[Allowance, ...]
    needed: set[Allowance] = field(default_factory=set)
    listed: set[tuple[str, str, str]] = field(default_factory=set)

    def remaining(self, case: str, kind: str, found: Iterator[Difference]) -> list[Difference]:
        """The differences that nothing allows."""
        rest = []
        for each in found:
            fitting = [one for one in self.allowances if one.allows(case, kind, each)]
            self.needed.update(fitting[:1])
            self.listed.update((one.why, kind, f"{each.path} ({each.side})") for one in fitting[:1])
            if not fitting:
                rest.append(each)
        return rest


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Difference]:
    """Where the bodies differ. None is the same as absent, as clients leave JSON's null out."""
    one, other = leaves(ours), leaves(theirs)
    for path in sorted({*one, *other}):
        left, right = one.get(path, ABSENT), other.get(path, ABSENT)
        if left != right or isinstance(left, bool) != isinstance(right, bool):
            yield Difference(path, left, right)


def leaves(value: Any, path: str = "") -> Leaves:
    """Each value of the body that is no map and no list, or an empty one, by its path
    ("properties.tags.a")."""
    if isinstance(value, Mapping | list | tuple) and not value:
        return {path: EMPTY}
    if isinstance(value, Mapping):
        parts = [(f"{path}.{_quoted(key)}" if path else _quoted(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return {} if value is None else {path: value}
    return {inner: leaf for key, item in parts for inner, leaf in leaves(item, key).items()}


def _quoted(key: object) -> str:
    text = str(key)
    return text if re.fullmatch(r"[A-Za-z_$][\w$-]*", text) else f'["{text}"]'


def _word(value: Any) -> Any:
    """A word of a list of choices that is read without regard to case."""
    return str(value).lower()


def _moment(value: Any) -> Any:
    """A date and time, in the zone of the trigger."""
    return datetime.fromisoformat(str(value))


READINGS = {"moment": _moment, "word": _word}
