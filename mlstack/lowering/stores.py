"""Object stores of clouds, and where in them a stack keeps what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mlstack.lowering.progress import Progress

#: Name of an object -> (file, its SHA-256 in hex).
Files = Mapping[str, tuple[Path, str]]


class Store(Protocol):
    """A bucket or container, of whose objects names are full paths. Methods raise TargetError."""

    def list(self, prefix: str) -> dict[str, int]:
        """Name -> size (bytes) of all objects whose name begins so."""

    def newest(self, prefix: str) -> str | None:
        """The name of the ``.json`` object right below a prefix that was written last."""

    def read(self, name: str) -> bytes | None:
        """The content of a small object; None where there is none."""

    def write(self, name: str, content: bytes) -> None: ...

    def send(self, files: Files, progress: Progress) -> None:
        """An object appears whole, and only with just that content."""

    def remove(self, prefix: str) -> None: ...


@dataclass(frozen=True)
class Home:
    """Where one upload keeps all its versions: ``mlstack/STACK/HOME/`` in a store. Its ``id`` is the
    resource's."""

    store: str
    prefix: str

    @classmethod
    def of(cls, store: str, stack_uid: str, home: str) -> Home:
        place = home.strip("/").replace("/", ".")  # no home is within another's
        return cls(store, f"mlstack/{stack_uid}/{place}/")

    @classmethod
    def parse(cls, id: str) -> Home:
        store, *parts = id.removesuffix("/").rsplit("/", 3)
        return cls(store, "/".join(parts) + "/")

    @property
    def id(self) -> str:
        return f"{self.store}/{self.prefix}"

    def manifest(self, digest: str) -> str:
        """The object that says what belongs to a version."""
        return f"{self.prefix}{digest}.json"

    @property
    def inputs(self) -> dict[str, str]:
        _, uid, place, _ = self.prefix.split("/")
        return {"stack_uid": uid, "home": place.replace(".", "/")}
