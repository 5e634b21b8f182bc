"""An emulated Azure that outlives the commands that use it, and what is to be seen in it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlstack.registry import provider
from mlstack.rehearsal.serve import WORLD, emulation, serving
from mlstack.rehearsal.world import World


@dataclass(frozen=True)
class Seen:
    """``things``: id to kind of every resource and every blob that is there, those of the platform's own
    making among them. ``made``: ids of the resources that somebody else has made."""

    things: Mapping[str, str]
    made: frozenset[str]

    @classmethod
    def of(cls, world: World) -> Seen:
        things, made = {}, set()
        for id, kind, body in world.under("/s"):  # below /subscriptions, and what is soft-deleted
            things[id.lower()] = kind
            if kind != "soft-deleted" and (body.get("systemData") or {}).get("createdBy") not in (
                "seed",
                "platform",
            ):
                made.add(id.lower())
        things |= {f"blob {path}": "blob" for path in world.blobs() if not path.startswith("~")}
        return cls(things, frozenset(made))

    def more_than(self, other: Seen) -> list[str]:
        """Ids that are here and not there."""
        return sorted(self.things.keys() - other.things.keys())

    def doubled(self, clean: Seen) -> int:
        """How many things of a kind there are beyond those of a clean run: two of one logical name."""
        many = Counter(self.things[id] for id in self.made)
        many.subtract(Counter(clean.things[id] for id in clean.made))
        return sum(count for count in many.values() if count > 0)


@contextmanager
def served(folder: Path, root: Path) -> Iterator[tuple[World, dict[str, str]]]:
    """The cloud of a folder, served for the project at ``root``: its world, and the environment that leads to
    it."""
    azure = provider("azure")
    emulated = emulation(azure, azure.Settings(), "westeurope", folder)
    with serving(emulated, root) as environment:
        yield emulated.world, environment


def copy(source: Path, target: Path) -> None:
    """The cloud of one folder, as it is, in another."""
    target.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(source / WORLD) as one, sqlite3.connect(target / WORLD) as other:
        one.backup(other)
    one.close()
    other.close()
