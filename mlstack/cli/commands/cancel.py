"""``mlstack cancel``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mlstack.cli.find import find
from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project


@at_stack
def cancel(at: At, job: Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.")]) -> None:
    """Stop a job that is running."""
    from mlstack.engine.records import records

    opened = open_project(at)
    record = find(records(state(opened, at)), ("jobs",), job)
    stopped = opened.runtime.cancel(record)
    typer.echo(json.dumps({"id": stopped}, indent=2) if at.json else f"{record.name} stopped: {stopped}")
