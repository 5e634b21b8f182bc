"""Scoring by a batch endpoint for a command: what is asked, the progress, the result."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from mlstack.errors import UsageError
from mlstack.suggest import suggest

if TYPE_CHECKING:
    from mlstack.cli.options import At
    from mlstack.runtime import Record, Run, Runtime, Scored, Scoring

_DATA = "data."


def given_data(records: Sequence[Record], data: str | None, resume: str | None) -> Path | Record | None:
    """What --data means: data of the stack by name, else a path. None where a run is gone on with."""
    if (data is None) == (resume is None):
        raise UsageError(
            "a batch endpoint scores --data, or goes on with a run by --resume",
            remedy="give one of the two" if data is None else "leave one of the two out",
        )
    if data is None:
        return None
    if data == "-":
        raise UsageError("a batch endpoint reads no standard input", where="--data", remedy="name a file")
    known = {record.name: record for record in records if record.kind == "data"}
    name = data.removeprefix(_DATA)
    if data.startswith(_DATA) and name in known:
        return known[name]
    if not Path(data).exists():
        near = suggest(data, [_DATA + each for each in known])
        raise UsageError(
            f"there is no file or folder {data}, and no data of that name in the stack",
            where="--data",
            code="missing-path",
            remedy=f"did you mean {near!r}?" if near else "name a file, a folder, or data.NAME",
        )
    return Path(data)


def score(runtime: Runtime, record: Record, wanted: Scoring, at: At) -> None:
    """Score, show how far it is on standard error, and the result on standard output."""
    with _progress() as seen:
        done = runtime.score(record, wanted, seen.at, seen.say)
    if at.json:
        typer.echo(json.dumps(done.as_json(), indent=2))
        return
    typer.echo(_told(record.name, done))


def _told(name: str, done: Run) -> str:
    where = str(done.outputs["folder"]["uri"])
    if done.status == "running":
        lines = [
            f"{name} running: {done.id}",
            f"  `mlstack logs {name} --follow` shows it, `mlstack cancel {name}` stops it",
        ]
        return "\n".join([*lines, f"  {where}"])
    found: Any = done.metrics
    lines = [
        f"{name} {done.status}: {done.id}",
        f"  {found['scored']:.0f} of {found['rows']:.0f} rows scored",
    ]
    if found["failed"]:
        lines.append(f"  {found['failed']:.0f} failed: {done.outputs['errors']['uri']}")
    return "\n".join([*lines, f"  {done.outputs.get('predictions', done.outputs['folder'])['uri']}"])


def _progress() -> AbstractContextManager[Lines | Bar]:
    if sys.stderr.isatty():
        return Bar()
    return nullcontext(Lines())


class Lines:
    """Where nobody looks on: the run's own lines, which say now and then how far it is."""

    def at(self, scored: Scored) -> None:
        pass

    def say(self, line: str) -> None:
        typer.echo(line, err=True)


class Bar:
    """A bar below the run's lines, but for those that say what the bar shows."""

    def __enter__(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:.0f} rows/s"),
            TextColumn("{task.fields[failed]}"),
            TimeRemainingColumn(),
        )
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("scoring", total=None, rate=0.0, failed="")
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def at(self, scored: Scored) -> None:
        self._progress.update(
            self._task,
            total=scored.total,
            completed=scored.rows,
            rate=scored.per_second,
            failed=f"{scored.failed} failed" if scored.failed else "",
        )

    def say(self, line: str) -> None:
        from rich.text import Text

        if not line.startswith("scored "):
            self._progress.console.print(Text(line, style="dim"))
