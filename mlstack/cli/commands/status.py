"""``mlstack status``."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import Opened, open_project

if TYPE_CHECKING:
    from mlstack.runtime import Record, Status


@at_stack
def status(
    at: At,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Look again and again, until Ctrl-C.")] = False,
    interval: Annotated[
        float,
        typer.Option("--interval", min=0.2, metavar="SECONDS", help="With --watch: time between looks."),
    ] = 2.0,
) -> None:
    """Show how each resource of the stack fares now.

    With --watch: also the requests per second, errors and latencies of endpoints, with their trend; with
    --json beside it, an object a line.
    """
    opened = open_project(at)
    if watch:
        _watch(opened, at, interval)
        return
    rows = _rows(opened, _records(opened, at))
    if at.json:
        typer.echo(json.dumps(_answer(opened, rows), indent=2))
    else:
        _draw(opened, rows)


def _records(opened: Opened, at: At) -> list[Record]:
    from mlstack.engine.records import records

    return records(state(opened, at))


def _rows(opened: Opened, there: list[Record]) -> list[Status]:
    """What is there, and what the spec has beside that, in the spec's order."""
    rows = opened.runtime.status(there) if there else []
    known = {(row.kind, row.name) for row in rows}
    declared = _declared(opened)
    rows += [row for row in declared if (row.kind, row.name) not in known]
    places = {(row.kind, row.name): place for place, row in enumerate(declared)}
    return sorted(rows, key=lambda row: (_rank(row), places.get((row.kind, row.name), len(places)), row.name))


def _watch(opened: Opened, at: At, interval: float) -> None:
    from mlstack.cli.operate import quiet_state
    from mlstack.cli.show import figures, spark
    from mlstack.cli.show.table import table
    from mlstack.cli.watch import Watch, every
    from mlstack.engine.records import records

    looks = Watch(opened, lambda: records(quiet_state(opened)), lambda there: _rows(opened, there))
    frames = every(interval, looks.frames())
    if not at.json and sys.stdout.isatty():
        from mlstack.cli.show import board

        board.show(_title(opened), frames)
        return
    with suppress(KeyboardInterrupt):
        for frame in frames:
            if at.json:
                deployments = [figures.as_json(each) for each in frame.figures]
                answer = {"time": frame.time, **_answer(opened, frame.rows), "deployments": deployments}
                typer.echo(json.dumps(answer))
                continue
            typer.echo(f"{datetime.fromtimestamp(frame.time):%H:%M:%S}")
            _draw(opened, frame.rows)
            drawn = [
                (
                    *figures.row(each),
                    spark.sparkline(list(frame.trends[each.endpoint, each.deployment].rates)),
                )
                for each in frame.figures
            ]
            for line in table([(*figures.HEAD, "trend"), *drawn]) if drawn else ():
                typer.echo(f"  {line}")


def _answer(opened: Opened, rows: list[Status]) -> dict[str, Any]:
    resources = [
        {"kind": row.kind, "name": row.name, "state": row.state, "detail": row.detail, "url": row.url}
        for row in rows
    ]
    return {"stack": opened.project.stack, "cloud": opened.project.cloud, "resources": resources}


def _declared(opened: Opened) -> list[Status]:
    """What the spec has, as not there."""
    from mlstack.runtime import Status
    from mlstack.spec import KINDS, resources

    if opened.spec is None:
        return []
    return [Status(KINDS[kind].singular, name, "absent") for kind, name, _ in resources(opened.spec)]


def _rank(row: Status) -> int:
    """In the order of the spec's kinds."""
    from mlstack.spec import KINDS

    words = [kind.singular for kind in KINDS.values()]
    return words.index(row.kind) if row.kind in words else len(words)


def _title(opened: Opened) -> str:
    return f"{opened.project.stack} on {opened.project.cloud}"


def _draw(opened: Opened, rows: list[Status]) -> None:
    from mlstack.cli.show.paint import paint
    from mlstack.cli.show.states import STYLES
    from mlstack.cli.show.table import table

    typer.echo(paint(_title(opened), "bold"))
    if not rows:
        typer.echo("  nothing there")
        return
    cells = [(f"  {row.kind}", row.name, row.state, row.detail, row.url or "") for row in rows]
    for row, line in zip(rows, table(cells), strict=True):
        typer.echo(paint(line, STYLES.get(row.state, "plain")))
