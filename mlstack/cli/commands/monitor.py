"""``mlstack monitor``: a reading now, and those that there were."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from mlstack.cli.find import find
from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import Opened, open_project
from mlstack.errors import TargetError

if TYPE_CHECKING:
    from mlstack.runtime import Reading, Record

_STYLES = {"ok": "green", "firing": "red", "failed": "red", "insufficient": "dim"}
FIRING = 4

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the monitor.")]


@at_stack
def run(
    at: At,
    name: Name,
    fail_on_alert: Annotated[
        bool, typer.Option("--fail-on-alert", help="Exit code 4 while the alert is firing.")
    ] = False,
) -> int:
    """Take a reading now.

    It is recorded and told as one of the monitor's own time is. Exit code 1 where it failed.
    """
    opened = open_project(at)
    reading = opened.runtime.measure(_record(opened, at, name))
    if at.json:
        typer.echo(json.dumps(reading.document, indent=2))
    else:
        _show(reading)
    if reading.state == "failed":
        return 1
    return FIRING if fail_on_alert and reading.firing else 0


@at_stack
def list_(at: At) -> None:
    """Show each monitor's last reading."""
    from mlstack.engine.records import records

    opened = open_project(at)
    found = [record for record in records(state(opened, at)) if record.kind == "monitors"]
    last = {
        record.name: opened.runtime.readings(record, 1)
        for record in sorted(found, key=lambda each: each.name)
    }
    if at.json:
        documents = [
            {"name": name, "last": dict(readings[-1].document) if readings else None}
            for name, readings in last.items()
        ]
        typer.echo(json.dumps({"monitors": documents}, indent=2))
        return
    if not found:
        typer.echo("no monitors")
    _table([(name, readings[-1] if readings else None) for name, readings in last.items()])


@at_stack
def history(
    at: At,
    name: Name,
    last: Annotated[int, typer.Option("--last", min=1, metavar="N", help="The last N readings.")] = 20,
) -> None:
    """Show a monitor's last readings, the newest at the end."""
    opened = open_project(at)
    readings = opened.runtime.readings(_record(opened, at, name), last)
    if at.json:
        typer.echo(json.dumps({"readings": [dict(reading.document) for reading in readings]}, indent=2))
        return
    if not readings:
        typer.echo(f"{name} has no readings yet")
    _table([(reading.time, reading) for reading in readings])


@at_stack
def report(
    at: At,
    name: Name,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser too.")] = False,
) -> None:
    """Print where the newest report of a monitor is."""
    opened = open_project(at)
    readings = opened.runtime.readings(_record(opened, at, name), 500)
    places = [reading.report for reading in readings if reading.report]
    if not places:
        raise TargetError(
            f"monitor {name!r} has no report yet",
            code="no-report",
            category="user",
            remedy=f"`mlstack monitor run {name}` takes a reading now",
        )
    place = places[-1] if "://" in places[-1] else str(opened.project.root / places[-1])
    typer.echo(json.dumps({"report": place}, indent=2) if at.json else place)
    if open_:
        typer.launch(place)


def _record(opened: Opened, at: At, name: str) -> Record:
    from mlstack.engine.records import records

    return find(records(state(opened, at)), ("monitors",), name)


def _show(reading: Reading) -> None:
    from mlstack.cli.show.paint import paint

    typer.echo(paint(f"{reading.monitor}: {reading.state}", _STYLES[reading.state]))
    if reading.firing and reading.state != "firing":
        typer.echo("  the alert is still firing")
    if reading.error:
        typer.echo(f"  {reading.error}".replace("\n", "\n  "))
    elif reading.value is None:
        needed = reading.document.get("min_samples")
        typer.echo(f"  {reading.samples} samples" + (f", {needed} are needed" if needed else ""))
    else:
        typer.echo(f"  {_value(reading)}, {reading.samples} samples")
    for row in list(reading.document.get("columns") or [])[:5]:
        chance = " (chance explains it)" if row.get("chance") else ""
        typer.echo(f"  {row.get('name')}: {_number(row.get('value'))}{chance}")
    if reading.report:
        typer.echo(f"  {reading.report}")


def _table(rows: list[tuple[str, Reading | None]]) -> None:
    from mlstack.cli.show.paint import paint
    from mlstack.cli.show.table import table

    cells = []
    for name, reading in rows:
        if reading is None:
            cells.append((name, "", "no reading yet", "", ""))
            continue
        text = (reading.error or "").splitlines()[0] if reading.error else _value(reading)
        when = reading.time if name != reading.time else ""
        still = " (the alert is still firing)" if reading.firing and reading.state != "firing" else ""
        cells.append((name, reading.state + still, text, f"{reading.samples} samples", when))
    for (_, reading), line in zip(rows, table(cells), strict=True):
        typer.echo(paint(line, _STYLES[reading.state] if reading else "dim"))


def _value(reading: Reading) -> str:
    return f"{reading.measure} {_number(reading.value)} of {_number(reading.threshold)}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


COMMANDS: dict[str, Callable[..., int | None]] = {
    "run": run,
    "list": list_,
    "history": history,
    "report": report,
}
