"""``mlstack metrics``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mlstack.cli.find import find
from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project


@at_stack
def metrics(
    at: At,
    endpoint: Annotated[
        str | None, typer.Argument(metavar="ENDPOINT", help="Name of the endpoint. Left out: all.")
    ] = None,
) -> None:
    """Show the requests, errors and latencies of endpoints, by deployment.

    They are of the time that the target remembers; `mlstack status --watch` shows them as they come.
    """
    from mlstack.cli.show import figures
    from mlstack.cli.show.table import table
    from mlstack.engine.records import records

    opened = open_project(at)
    there = records(state(opened, at))
    chosen = [find(there, ("endpoints",), endpoint)] if endpoint else there
    found = next(opened.runtime.metrics(chosen), []) if chosen else []
    if at.json:
        typer.echo(json.dumps({"deployments": [figures.as_json(each) for each in found]}, indent=2))
        return
    if not found:
        typer.echo("no endpoint of this stack has figures")
        return
    for line in table([figures.HEAD, *map(figures.row, found)]):
        typer.echo(line)
