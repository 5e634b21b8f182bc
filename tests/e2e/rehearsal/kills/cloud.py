"""An emulated cloud that outlives the commands that use it, and what is to be seen in it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlstack.registry import provider
from mlstack.rehearsal import Emulation
from mlstack.rehearsal.serve import WORLD, emulation, serving
from tests.e2e.rehearsal.clouds import alike, known


@dataclass(frozen=True)
class Seen:
    """``things``: id to kind of every resource and every object of a store that is there, those of the
    platform's own making among them. ``made``: ids of the resources that somebody else has made. ``alike``:
    how many there are of what is the same but for what a cloud makes up anew each time."""

    things: Mapping[str, str]
    made: frozenset[str]
    alike: Counter[str]

    @classmethod
    def of(cls, emulated: Emulation, cloud: str) -> Seen:
        found = list(known(cloud).things(emulated))
        return cls(
            {id: kind for id, kind, _ in found},
            frozenset(id for id, _, made in found if made),
            Counter(alike(cloud, id) for id, _, _ in found),
        )

    def more_than(self, other: Seen) -> list[str]:
        """Ids that are here and not there."""
        return sorted((self.alike - other.alike).elements())

    def doubled(self, clean: Seen) -> int:
        """How many things of a kind there are beyond those of a clean run: two of one logical name."""
        many = Counter(self.things[id] for id in self.made)
        many.subtract(Counter(clean.things[id] for id in clean.made))
        return sum(count for count in many.values() if count > 0)


def stack(cloud: str) -> str:
    """The stack's name that the specs lead to."""
    return f"dev-{cloud}"


def emulated(cloud: str, folder: Path) -> Emulation:
    """The cloud whose world is in a folder."""
    target = provider(cloud)
    return emulation(target, target.Settings(), known(cloud).REGION, folder)


@contextmanager
def served(cloud: str, folder: Path, root: Path) -> Iterator[tuple[Emulation, dict[str, str]]]:
    """The cloud of a folder, served for the project at ``root``: itself, and the environment that leads to
    it."""
    found = emulated(cloud, folder)
    with serving(found, root) as environment:
        yield found, environment


def copy(source: Path, target: Path) -> None:
    """The cloud of one folder, as it is, in another."""
    target.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(source / WORLD) as one, sqlite3.connect(target / WORLD) as other:
        one.backup(other)
    one.close()
    other.close()
