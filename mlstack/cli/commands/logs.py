"""``mlstack logs``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from mlstack.cli.find import check_deployment, find, path
from mlstack.cli.operate import state
from mlstack.cli.options import At, Deployment, at_stack
from mlstack.cli.project import open_project
from mlstack.errors import UsageError

if TYPE_CHECKING:
    from mlstack.runtime import Record

    Read = Callable[[Record], Iterator[str]]

KINDS_WITH_LOGS = ("jobs", "endpoints")


@at_stack
def logs(
    at: At,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A job or an endpoint: train, jobs.train. Left out: all."),
    ] = None,
    deployment: Deployment = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="This one run of the job. Left out: the newest.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-F", help="Go on with what is written from now on.")
    ] = False,
    tail: Annotated[
        int | None, typer.Option("--tail", min=0, metavar="N", help="Only the last N lines of each.")
    ] = None,
    access: Annotated[
        bool, typer.Option("--access", help="The requests to endpoints, a JSON object a line.")
    ] = False,
) -> None:
    """Show what jobs and endpoints have written."""
    from mlstack.engine.records import records

    if follow and at.json:
        raise UsageError("--follow has no end, and --json prints one object", remedy="leave one of them out")
    if at.file is not None and not at.file.exists():
        raise UsageError(
            f"there is no spec {str(at.file)!r}",
            remedy="-f names a spec here as everywhere; -F, or --follow, follows a log",
        )
    if run and not name:
        raise UsageError("--run needs its job", remedy="mlstack logs JOB --run ID")
    if deployment and not name:
        raise UsageError("--deployment needs its endpoint", remedy="mlstack logs ENDPOINT --deployment NAME")
    opened = open_project(at)
    there = records(state(opened, at))
    kinds = ("endpoints",) if deployment or access else KINDS_WITH_LOGS
    if name is not None:
        chosen = [find(there, ("jobs",) if run else kinds, name)]
        check_deployment(chosen[0], deployment)
    else:
        chosen = [record for record in there if record.kind in kinds]

    def read(record: Record) -> Iterator[str]:
        return opened.runtime.logs(record, child=deployment, follow=follow, tail=tail, access=access, run=run)

    lines = (_followed if follow else _written)(read, chosen)
    if at.json:
        found = [{"resource": resource, "line": line} for resource, line in lines]
        typer.echo(json.dumps({"logs": found}, indent=2))
        return
    for resource, line in lines:
        typer.echo(line if len(chosen) == 1 else f"{resource} | {line}")


def _written(read: Read, chosen: list[Record]) -> Iterator[tuple[str, str]]:
    for record in chosen:
        for line in read(record):
            yield path(record), line


def _followed(read: Read, chosen: list[Record]) -> Iterator[tuple[str, str]]:
    """The lines of all as they come."""
    from queue import Queue
    from threading import Thread

    lines: Queue[tuple[str, str] | BaseException | None] = Queue()

    def pass_on(record: Record) -> None:
        try:
            for line in read(record):
                lines.put((path(record), line))
            lines.put(None)
        except BaseException as error:
            lines.put(error)

    for record in chosen:
        Thread(target=pass_on, args=(record,), daemon=True).start()
    left = len(chosen)
    while left:
        item = lines.get()
        if isinstance(item, BaseException):
            raise item
        if item is None:
            left -= 1
        else:
            yield item
