"""``mlstack gc``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import Opened, open_project

if TYPE_CHECKING:
    from mlstack.runtime import Unused


@at_stack
def gc(
    at: At,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="What nothing refers to, also where it was used of late.")
    ] = False,
) -> None:
    """Remove what nothing refers to any more: old runs, model versions, environments, fetched data.

    Without --all it stays for a month after its last use. What is in use is never touched.
    """
    opened = open_project(at)
    removed = _collected(opened, at, everything=everything, dry_run=dry_run)
    total = sum(one.bytes for one in removed)
    if at.json:
        found = {"removed": [asdict(one) for one in removed], "bytes": total, "dry_run": dry_run}
        typer.echo(json.dumps(found, indent=2))
        return
    from mlstack.cli.show.table import table
    from mlstack.content import size

    rows = [(f"  {one.kind}", one.name, size(one.bytes), one.reason) for one in removed]
    for line in table(rows) if rows else ():
        typer.echo(line)
    if not removed:
        typer.echo("nothing to remove")
    else:
        typer.echo(f"{len(removed)} {'to remove' if dry_run else 'removed'}, {size(total)}")


def _collected(opened: Opened, at: At, *, everything: bool, dry_run: bool) -> list[Unused]:
    from mlstack.engine import lock
    from mlstack.engine.records import records

    def collect() -> list[Unused]:
        there = records(state(opened, at))
        return opened.runtime.collect(there, everything=everything, dry_run=dry_run)

    if dry_run:
        return collect()
    project = opened.project
    project.ensure_home()
    with lock.held(project.own / "locks", project.short_stack, "gc"):
        return collect()
