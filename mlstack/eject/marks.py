"""Texts that say where they came from.

While a program is recorded, each text among the outputs of its resources carries marks. What the program
makes of it carries them too, so an input with a mark in it is written as a reference, and one without is
constant, even where it is equal to some output by chance.

A text is marked within its segments (`/a/b/c`), so that what takes an id apart leaves marks in the parts.
Keys of a path stay as they are, since code looks for them by name: /groups/some~m0.2~/machines/one~m0.4~.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

from mlstack.plugin.wire import SECRET, SIGNATURE, UNKNOWN_TEXT

Path = tuple[str | int, ...]
_MARK = re.compile(r"~m(\d+)\.(\d+)~")
#: What code reads as something else than a text (a number, a time, JSON) would not be read with marks in it.
_MARKABLE = re.compile(r"(?=.*[A-Za-z])(?!\d{4}-\d\d-\d\d)[^\s\"'<>{}\[\]]+")


@dataclass(frozen=True)
class Leaf:
    """A text among the outputs of a resource (``owner`` is its URN), or of a call. ``path`` as on the wire,
    ("id",) for the id. ``secret``: the program sees it as a secret."""

    owner: str
    path: Path
    secret: bool


@dataclass(frozen=True)
class Piece:
    """A part of a leaf's text: the segments from ``start`` to ``stop``, of ``count``."""

    leaf: Leaf
    start: int
    stop: int
    count: int

    @property
    def whole(self) -> bool:
        return self.stop - self.start == self.count


@dataclass
class Marks:
    """All marks of one recording, which come from several threads at once. ``left_out`` are not marked."""

    left_out: frozenset[Leaf] = frozenset()
    leaves: list[tuple[Leaf, list[str]]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def mark(self, leaf: Leaf, text: str) -> str:
        if leaf in self.left_out or text == UNKNOWN_TEXT or not _MARKABLE.fullmatch(text):
            return text
        with self._lock:
            number = len(self.leaves)
            segments = [
                f"{segment}~m{number}.{index}~" if marked else segment
                for index, (segment, marked) in enumerate(_segments(text))
            ]
            self.leaves.append((leaf, segments))
        return "/".join(segments)

    def mark_all(self, owner: str, outputs: Struct) -> None:
        """Mark the texts of outputs, where they stand."""
        for key, value in outputs.fields.items():
            self._mark(owner, (key,), value, _is_secret(value))

    def _mark(self, owner: str, path: Path, value: Value, secret: bool) -> None:
        match value.WhichOneof("kind"):
            case "string_value":
                value.string_value = self.mark(Leaf(owner, path, secret), value.string_value)
            case "list_value":
                for index, item in enumerate(value.list_value.values):
                    self._mark(owner, (*path, index), item, secret)
            case "struct_value":
                fields = value.struct_value.fields
                if SIGNATURE not in fields:
                    for key, item in fields.items():
                        self._mark(owner, (*path, key), item, secret)
                elif fields[SIGNATURE].string_value == SECRET:
                    self._mark(owner, path, fields["value"], secret)

    def named_in(self, text: str) -> frozenset[Leaf]:
        """The leaves whose marks are in a text."""
        return frozenset(self.leaves[int(match[1])][0] for match in _MARK.finditer(text))

    def made_secret(self, value: Any) -> Iterator[Leaf]:
        """The leaves that a value has as secrets of their own."""
        if isinstance(value, list):
            value = dict(enumerate(value))
        if not isinstance(value, dict):
            return
        if value.get(SIGNATURE) == SECRET and isinstance(value["value"], str):
            parts = self.parts(value["value"])
            yield from (part.leaf for part in parts if isinstance(part, Piece) and len(parts) == 1)
        for item in value.values():
            yield from self.made_secret(item)

    def parts(self, text: str) -> list[str | Piece]:
        """What a text is made of: pieces of leaves, and what stands between them."""
        found: list[str | Piece] = []
        while match := _MARK.search(text):
            leaf, segments = self.leaves[int(match[1])]
            at, stretch, piece = next(_stretches(text, match, leaf, segments))
            found += [text[:at], piece]
            text = text[at + len(stretch) :]
        return [part for part in (*found, text) if part]


def plain(value: Any) -> Any:
    """A text without its marks."""
    return _MARK.sub("", value) if isinstance(value, str) else value


def _segments(text: str) -> Iterator[tuple[str, bool]]:
    """The segments of a text, and which of them are to be marked: values, and whatever is last."""
    segments = text.split("/")
    values_are_even = segments[0] == ""
    for index, segment in enumerate(segments):
        value = "://" in text or (index % 2 == 0) == values_are_even
        yield segment, bool(segment) and (index == len(segments) - 1 or (value and index > 0))


def _stretches(
    text: str, match: re.Match[str], leaf: Leaf, segments: list[str]
) -> Iterator[tuple[int, str, Piece]]:
    """The stretches of a leaf around its mark in a text, longest first: where, what, which piece."""
    here, count = int(match[2]), len(segments)
    ranges = [(i, j) for i in range(here + 1) for j in range(here + 1, count + 1)]
    for start, stop in sorted(ranges, key=lambda each: each[0] - each[1]):
        ends_well = stop == count or _MARK.search(segments[stop - 1])
        begins_well = start == 0 or _MARK.search(segments[start])
        stretch = "/".join(segments[start:stop])
        at = match.start() - stretch.index(match[0])
        if begins_well and ends_well and at >= 0 and text.startswith(stretch, at):
            yield at, stretch, Piece(leaf, start, stop, count)


def _is_secret(value: Value) -> bool:
    """Whether there is a secret in it: all of the property is one for the program then."""
    match value.WhichOneof("kind"):
        case "list_value":
            return any(_is_secret(item) for item in value.list_value.values)
        case "struct_value":
            fields = value.struct_value.fields
            return (SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET) or any(
                _is_secret(item) for item in fields.values()
            )
    return False
