"""Where each value of a spec was written: what lets an error name file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Step: TypeAlias = str | int
Scalar: TypeAlias = str | int | float | bool | None


class Place(NamedTuple):
    """A position in a file; line and column count from 1 and are None where the text is no file."""

    file: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(slots=True, eq=False)
class Node:
    """A value of the spec as it was written.

    ``size`` and ``height`` count what is below with every alias written out, so that a file which
    would explode is known for one before it does. ``broken`` marks a value that an error has been
    reported for already.
    """

    place: Place
    value: Scalar | list[Node] | dict[str, Entry]
    size: int = 1
    height: int = 1
    broken: bool = False

    def items(self) -> Iterator[tuple[Step, Place | None, Node]]:
        """Each child with its key or index, and where the key stands."""
        if isinstance(self.value, dict):
            for name, entry in self.value.items():
                yield name, entry.key, entry.node
        elif isinstance(self.value, list):
            for index, node in enumerate(self.value):
                yield index, None, node

    def child(self, step: Step) -> tuple[Place | None, Node] | None:
        """The child under ``step`` with the place of its key, or None."""
        if isinstance(self.value, dict) and isinstance(step, str) and step in self.value:
            return self.value[step]
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return None, self.value[step]
        return None

    def plain(self) -> Any:
        """The value as plain Python data, nothing in it shared with the tree."""
        if isinstance(self.value, dict):
            return {name: entry.node.plain() for name, entry in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class Entry(NamedTuple):
    """A key of a mapping: where it stands, and its value."""

    key: Place
    node: Node


class Source:
    """The text behind a ``Stack``: places by path, and the folder that its paths are relative to."""

    def __init__(self, tree: Node | None, root: Path, file: str | None = None) -> None:
        self.tree = tree
        self.root = root
        self.file = file

    def locate(self, path: Sequence[Step]) -> Place:
        """Where the value at ``path`` stands, or its nearest ancestor that is written down.

        A scalar's place is its own, that of a mapping or a list its key's.
        """
        return self._walk(path, prefer_key=False)

    def locate_key(self, path: Sequence[Step]) -> Place:
        """Like ``locate``, but the place of the last key itself."""
        return self._walk(path, prefer_key=True)

    def node(self, path: Sequence[Step]) -> Node | None:
        """The node at exactly ``path``, or None."""
        node = self.tree
        for step in path:
            found = node.child(step) if node else None
            node = found[1] if found else None
        return node

    def steps(self, path: str) -> tuple[Step, ...]:
        """A dotted path as the steps that it takes here, as far as they are written down.

        Keys may hold dots themselves; the longest key that fits is taken.
        """
        steps: list[Step] = []
        node = self.tree
        while node is not None and path:
            fitting = [
                (step, child)
                for step, _, child in node.items()
                if path == str(step) or path.startswith(f"{step}.")
            ]
            if not fitting:
                break
            step, node = max(fitting, key=lambda pair: len(str(pair[0])))
            steps.append(step)
            path = path[len(str(step)) + 1 :]
        return tuple(steps)

    def broken(self, path: Sequence[Step]) -> bool:
        """Whether an error is known already for the value at ``path`` or for one around it."""
        node = self.tree
        for step in path:
            found = node.child(step) if node and not node.broken else None
            if found is None:
                break
            node = found[1]
        return node is not None and node.broken

    def _walk(self, path: Sequence[Step], *, prefer_key: bool) -> Place:
        if self.tree is None:
            return Place(self.file)
        node, place = self.tree, self.tree.place
        for step in path:
            found = node.child(step)
            if found is None:
                return place
            key, node = found
            by_key = prefer_key or node.value is None or isinstance(node.value, dict | list)
            place = key if key is not None and by_key else node.place
        return place


def dotted(path: Sequence[Step]) -> str:
    """The path as it is written in messages and on the command line: ``endpoints.digits.auth``."""
    return ".".join(str(step) for step in path)
