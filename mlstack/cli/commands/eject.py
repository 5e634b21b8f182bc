"""``mlstack eject``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from mlstack.cli.operate import has_state, operator
from mlstack.cli.options import At, at_stack
from mlstack.cli.project import open_project
from mlstack.errors import UsageError


@at_stack
def eject(
    at: At,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the program goes: empty, or not there yet.")
    ],
) -> None:
    """Write the plain Pulumi program of this stack, with which it can be carried on without mlstack."""
    from mlstack.eject import check, record, write

    check(folder)
    opened = open_project(at)
    if not has_state(opened.project):
        raise UsageError(
            f"the stack {opened.project.stack} is not up, and a program is written of what is there",
            where=opened.project.stack,
            remedy="`mlstack up` first",
        )
    with operator(opened, at) as engine:
        recording = record(engine)
    secrets = {os.environ[name]: name for name in recording.variables if os.environ.get(name)}
    done = write(opened.project, recording, folder, secrets)
    if at.json:
        shown = {"folder": str(folder), "files": done.files, "resources": done.resources, "asked": done.asked}
        typer.echo(json.dumps(shown, indent=2))
        return
    typer.echo(f"{folder}: {done.resources} resources in __main__.py")
    typer.echo(f"how to go on is in {folder / 'README.md'}")
    for key in done.asked:
        typer.echo(f"not in the program: give it with `pulumi config set --secret {key}`")
