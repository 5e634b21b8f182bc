"""``mlstack runs``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlstack.cli.find import find
from mlstack.cli.operate import state
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project

if TYPE_CHECKING:
    from mlstack.runtime import Record, Run

_STYLES = {
    "succeeded": "green",
    "completed": "green",
    "running": "green",
    "failed": "red",
    "timed-out": "red",
}


@at_stack
def runs(
    at: At,
    job: Annotated[str | None, typer.Argument(metavar="JOB", help="Name of the job. Left out: all.")] = None,
    last: Annotated[
        int, typer.Option("--last", "-n", min=1, metavar="N", help="The newest N of each job.")
    ] = 10,
) -> None:
    """Compare the runs of a job: inputs, metrics, what they took.

    The stack's own runs and those of `mlstack run`, the newest first.
    """
    from mlstack.engine.records import records

    opened = open_project(at)
    there = records(state(opened, at))
    chosen = [find(there, ("jobs",), job)] if job else [record for record in there if record.kind == "jobs"]
    found = [(record, opened.runtime.runs(record)[:last]) for record in chosen]
    if at.json:
        rows = [{"job": record.name, **_json(run)} for record, known in found for run in known]
        typer.echo(json.dumps({"runs": rows}, indent=2))
        return
    for record, known in found:
        _draw(record, known)


def _draw(record: Record, known: Sequence[Run]) -> None:
    from mlstack.cli.show.paint import paint
    from mlstack.cli.show.table import table

    typer.echo(paint(f"{record.kind}.{record.name}", "bold"))
    if not known:
        typer.echo("  no runs yet")
        return
    inputs, metrics = _names(run.inputs for run in known), _names(run.metrics for run in known)
    head = ("  run", "status", "started", "took", "peak", *inputs, *metrics)
    rows = [
        (
            f"  {run.id}{' (own)' if run.own else ''}",
            run.status,
            f"{datetime.fromtimestamp(run.started):%d %b %H:%M:%S}" if run.started else "-",
            "-" if run.seconds is None else f"{run.seconds:.1f} s",
            f"{run.max_rss_bytes / 1e6:.0f} MB" if run.max_rss_bytes else "-",
            *(run.inputs.get(name, "-") for name in inputs),
            *(f"{run.metrics[name]:g}" if name in run.metrics else "-" for name in metrics),
        )
        for run in known
    ]
    first, *lines = table([head, *rows])
    typer.echo(paint(first, "dim"))
    for run, line in zip(known, lines, strict=True):
        typer.echo(paint(line, _STYLES.get(run.status, "plain")))


def _names(held: Any) -> list[str]:
    """All keys, in the order in which they are first met."""
    return list(dict.fromkeys(name for one in held for name in one))


def _json(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "own": run.own,
        "status": run.status,
        "message": run.message,
        "started": run.started,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "max_rss_bytes": run.max_rss_bytes,
        "inputs": dict(run.inputs),
        "metrics": dict(run.metrics),
        "outputs": dict(run.outputs),
    }
