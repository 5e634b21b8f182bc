"""What is under way: live on a terminal, a line per event elsewhere. Always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import typer

from mlstack.cli.show.names import label
from mlstack.content import size

if TYPE_CHECKING:
    from mlstack.engine.events import Change

DOING = {
    "create": ("creating", "created"),
    "update": ("updating", "updated"),
    "replace": ("replacing", "replaced"),
    "delete": ("deleting", "deleted"),
    "import": ("importing", "imported"),
    "refresh": ("reading", "read"),
}
CHANGES = frozenset(DOING) - {"refresh"}
"""What `up` and `down` show. That they read first what is there is no news."""

LARGE = 256_000_000
"""Bytes of content whose reading is worth a line."""


class Progress(Protocol):
    """``say`` takes lines for the user; ``listen`` is the engine's listener, ``interrupted`` each Ctrl-C,
    ``hashing`` is told of files that are read (`mlstack.content.Watcher`)."""

    def say(self, line: str) -> None: ...

    def listen(self, change: Change, phase: str) -> None: ...

    def interrupted(self, count: int) -> None: ...

    def hashing(self, path: Path, done: int, total: int) -> None: ...


@contextmanager
def progress(*, shown: Collection[str]) -> Iterator[Progress]:
    """Progress for one operation: lines that are said, and the moves of resources with these ops."""
    if sys.stderr.isatty():
        from mlstack.cli.show.live import Live

        with Live(shown) as live:
            yield live
    else:
        yield Lines(shown)


class Lines:
    """One line per event."""

    def __init__(self, shown: Collection[str]) -> None:
        self._shown = shown
        self._since: dict[tuple[str, str], float] = {}
        self._unfinished = "failed"
        self._reading: dict[Path, float] = {}

    def say(self, line: str) -> None:
        typer.echo(line, err=True)

    def listen(self, change: Change, phase: str) -> None:
        if change.op not in self._shown or not watched(change):
            return
        doing, done = DOING[change.op]
        step = (change.urn, change.op)
        if phase == "start":
            if step not in self._since:
                self._since[step] = time.monotonic()
                self.say(f"{doing:9} {label(change)}")
        elif phase == "done":
            now = time.monotonic()
            seconds = now - self._since.get(step, now)
            self.say(f"{done:9} {label(change)} ({seconds:.1f}s)")
        elif phase == "failed":
            self.say(f"{self._unfinished:9} {label(change)}")
        else:
            self.say(f"{'':9} {label(change)}: {phase}")

    def interrupted(self, count: int) -> None:
        self._unfinished = "stopped"
        self.say(interruption(count))

    def hashing(self, path: Path, done: int, total: int) -> None:
        if total < LARGE:
            return
        if path not in self._reading:
            self._reading[path] = time.monotonic()
            self.say(f"{'hashing':9} {file_label(path)} ({size(total)})")
        if done == total:
            seconds = time.monotonic() - self._reading.pop(path)
            self.say(f"{'hashed':9} {file_label(path)} ({seconds:.1f}s)")


def watched(change: Change) -> bool:
    """Whether a resource does something itself: a component is a mere frame."""
    return change.op in DOING and not change.parsed.is_component and not change.parsed.is_provider


def file_label(path: Path) -> str:
    """A file as the user knows it: from the working directory where it is below that."""
    here = Path.cwd()
    name = path.relative_to(here) if path.is_relative_to(here) and path != here else path
    return str(name).encode(errors="replace").decode()


def interruption(count: int) -> str:
    if count == 1:
        return "stopping: what is under way is stopped or finished first (Ctrl-C again to stop at once)"
    return "stopping at once"
