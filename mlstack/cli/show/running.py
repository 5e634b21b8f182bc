"""A run that is going: its lines as they come, and below them for how long it goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


@contextmanager
def running(name: str) -> Iterator[Callable[[str], None]]:
    """Something that shows a line of the run, on standard error."""
    if not sys.stderr.isatty():
        yield lambda line: typer.echo(line, err=True)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    columns = (SpinnerColumn(), TextColumn("running {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(name, total=None)
        yield lambda line: console.print(Text.from_ansi(line))
