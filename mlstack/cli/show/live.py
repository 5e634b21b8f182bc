"""Live progress: what is being worked on, for how long, and the last it said."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live as RichLive
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from mlstack.cli.show.names import label
from mlstack.cli.show.progress import DOING, file_label, interruption, watched
from mlstack.content import size

if TYPE_CHECKING:
    from mlstack.engine.events import Change

#: Seconds after which the reading of a file is shown.
_PATIENCE = 1.0
_STYLES = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red"}


@dataclass
class _Row:
    doing: str
    label: str
    style: str
    note: str = ""
    since: float = field(default_factory=time.monotonic)

    def seconds(self) -> str:
        return f"{time.monotonic() - self.since:.0f}s"


@dataclass
class _Reading:
    done: int
    total: int
    since: float = field(default_factory=time.monotonic)


class Live:
    """A table of what is under way below the lines of what is done."""

    def __init__(self, shown: Collection[str]) -> None:
        self._shown = shown
        self._console = Console(stderr=True, highlight=False)
        self._rows: dict[str, _Row] = {}
        self._readings: dict[Path, _Reading] = {}
        self._unfinished = "failed"
        self._spinner = Spinner("dots")
        self._live = RichLive(
            console=self._console, get_renderable=self._draw, refresh_per_second=8, transient=True
        )

    def __enter__(self) -> Live:
        self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._rows.clear()
        self._readings.clear()
        self._live.stop()

    def say(self, line: str) -> None:
        self._console.print(Text(line, style="dim"))

    def listen(self, change: Change, phase: str) -> None:
        if change.op not in self._shown or not watched(change):
            return
        doing, done = DOING[change.op]
        style = _STYLES.get(change.op, "")
        if phase == "start":
            self._rows.setdefault(change.urn, _Row(doing, label(change), style))
        elif phase in ("done", "failed"):
            row = self._rows.pop(change.urn, None) or _Row(doing, label(change), style)
            word, colour = (done, style) if phase == "done" else (self._unfinished, "bold red")
            line = Text.assemble((f"{word:9} ", colour), row.label, (f"  {row.seconds()}", "dim"))
            self._console.print(line)
        elif change.urn in self._rows:
            self._rows[change.urn].note = phase

    def interrupted(self, count: int) -> None:
        self._unfinished = "stopped"
        self.say(interruption(count))

    def hashing(self, path: Path, done: int, total: int) -> None:
        if done == total:
            self._readings.pop(path, None)
        else:
            self._readings.setdefault(path, _Reading(done, total)).done = done

    def _draw(self) -> Any:
        now = time.monotonic()
        readings = [(p, r) for p, r in list(self._readings.items()) if now - r.since > _PATIENCE]
        if not self._rows and not readings:
            return self._spinner
        table = Table.grid(padding=(0, 1))
        for path, reading in readings:
            bar = ProgressBar(total=reading.total, completed=reading.done, width=30)
            amount = Text(f"{size(reading.done)} of {size(reading.total)}", style="dim")
            table.add_row(self._spinner, Text("hashing  "), file_label(path), bar, amount)
        for row in list(self._rows.values()):
            doing = Text(f"{row.doing:9}", style=row.style)
            note = Text(row.note, style="dim", overflow="ellipsis", no_wrap=True)
            table.add_row(self._spinner, doing, row.label, Text(row.seconds(), style="dim"), note)
        return table
