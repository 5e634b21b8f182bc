"""``mlstack status``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import Opened, open_project

if TYPE_CHECKING:
    from mlstack.provider import Status

_STYLES = {"ready": "green", "running": "green", "failed": "red", "degraded": "yellow", "absent": "dim"}


@at_stack
def status(at: At) -> None:
    """Show how each resource of the stack fares now."""
    opened = open_project(at)
    rows = [*_present(opened, at)]
    known = {(row.kind, row.name) for row in rows}
    declared = _declared(opened)
    rows += [row for row in declared if (row.kind, row.name) not in known]
    places = {(row.kind, row.name): place for place, row in enumerate(declared)}
    rows.sort(key=lambda row: (_rank(row), places.get((row.kind, row.name), len(places)), row.name))
    project = opened.project
    if at.json:
        resources = [
            {"kind": row.kind, "name": row.name, "state": row.state, "detail": row.detail, "url": row.url}
            for row in rows
        ]
        answer = {"stack": project.stack, "cloud": project.cloud, "resources": resources}
        typer.echo(json.dumps(answer, indent=2))
        return
    _draw(project.stack, project.cloud, rows)


def _present(opened: Opened, at: At) -> list[Status]:
    from mlstack.engine.records import records

    found = records(state(opened, at))
    return opened.runtime.status(found) if found else []


def _declared(opened: Opened) -> list[Status]:
    """What the spec has, as not there."""
    from mlstack.provider import Status
    from mlstack.spec import KINDS, resources

    if opened.spec is None:
        return []
    return [Status(KINDS[kind].singular, name, "absent") for kind, name, _ in resources(opened.spec)]


def _rank(row: Status) -> int:
    """In the order of the spec's kinds."""
    from mlstack.spec import KINDS

    words = [kind.singular for kind in KINDS.values()]
    return words.index(row.kind) if row.kind in words else len(words)


def _draw(stack: str, cloud: str, rows: list[Status]) -> None:
    from mlstack.cli.show.paint import paint
    from mlstack.cli.show.table import table

    typer.echo(paint(f"{stack} on {cloud}", "bold"))
    if not rows:
        typer.echo("  nothing there")
    cells = [(f"  {row.kind}", row.name, row.state, row.detail, row.url or "") for row in rows]
    for row, line in zip(rows, table(cells), strict=True):
        typer.echo(paint(line, _STYLES.get(row.state, "plain")))
