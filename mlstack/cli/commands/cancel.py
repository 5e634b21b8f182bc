"""``mlstack cancel``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from mlstack.cli.find import find
from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project

if TYPE_CHECKING:
    from mlstack.runtime import Record, Runtime


@at_stack
def cancel(
    at: At,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|RUN", help="Name of the job or the batch endpoint, or the id of one run of a job."
        ),
    ],
) -> None:
    """Stop a job that is running, the runs of a batch endpoint, or one run of a job."""
    from mlstack.engine.records import records

    opened = open_project(at)
    there = records(state(opened, at))
    record, run = _of_run(opened.runtime, there, name) or (find(there, ("jobs", "endpoints"), name), None)
    stopped = opened.runtime.cancel(record, run)
    typer.echo(json.dumps({"id": stopped}, indent=2) if at.json else f"{record.name} stopped: {stopped}")


def _of_run(runtime: Runtime, there: list[Record], name: str) -> tuple[Record, str] | None:
    """The job whose run has this id."""
    jobs = [record for record in there if record.kind == "jobs"]
    if any(name.rpartition(".")[2] == record.name for record in jobs):
        return None
    return next(((job, name) for job in jobs if any(run.id == name for run in runtime.runs(job))), None)
