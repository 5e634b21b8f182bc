"""``mlstack rehearsal``: look at the emulated cloud of a stack, change it, serve it, forget it."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import typer

from mlstack.cli.options import At, at_stack
from mlstack.cli.project import Opened, open_project
from mlstack.errors import UsageError

Id = Annotated[
    str,
    typer.Argument(metavar="ID", help="Its id, the end of its id, or a pattern with * and ?."),
]


@at_stack
def show(
    at: At,
    id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID", help="One document: its id, the end of it, or a pattern. Left out: all."
        ),
    ] = None,
) -> None:
    """Show what the emulated cloud of the stack holds."""
    from mlstack.rehearsal import edit

    emulation = _emulation(_opened(at))
    if id is not None:
        found, kind, body = edit.find(emulation, id)
        typer.echo(json.dumps({"id": found, "kind": kind, "document": body}, indent=2))
        return
    documents = [(each, kind) for each, kind, _ in emulation.documents()]
    blobs = emulation.world.blobs()
    if at.json:
        listed = [{"id": each, "kind": kind} for each, kind in documents]
        typer.echo(json.dumps({"documents": listed, "blobs": blobs}, indent=2))
        return
    for each in (*(id for id, _ in documents), *(f"blob {path}" for path in blobs)):
        typer.echo(each)
    if not documents and not blobs:
        typer.echo("nothing there")


@at_stack
def edit(
    at: At,
    id: Id,
    changes: Annotated[
        list[str] | None,
        typer.Argument(metavar="PATH=VALUE", help="A value, as YAML, to set there; null removes it."),
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete it, with all that is below it.")] = False,
) -> None:
    """Change the emulated cloud behind the stack's back.

    `mlstack refresh --rehearse` then sees what is different, and `mlstack up --rehearse` repairs it.
    """
    from mlstack.cli.commands.run_job import parse_input
    from mlstack.rehearsal import edit as editing

    if delete == bool(changes):
        raise UsageError(
            "nothing is said to be changed" if not changes else "--delete leaves nothing to change",
            remedy="give PATH=VALUE, or --delete",
        )
    pairs = [parse_input(change) for change in changes or ()]
    emulation = _emulation(_opened(at))
    if delete:
        gone = editing.delete(emulation, id)
        words = "\n".join(f"deleted {each}" for each in gone)
        typer.echo(json.dumps({"deleted": gone}, indent=2) if at.json else words)
        return
    found, body = editing.edit(emulation, id, pairs)
    answer = {"id": found, "changed": [path for path, _ in pairs], "document": body}
    typer.echo(json.dumps(answer, indent=2) if at.json else f"changed {found}")


@at_stack
def reset(at: At) -> None:
    """Forget the rehearsal of the stack: its emulated cloud, its state, its config."""
    from mlstack.engine import lock

    project = _opened(at).project
    existed = project.own.is_dir()
    if existed:
        with lock.held(project.own / "locks", project.short_stack, "rehearsal reset"):
            shutil.rmtree(project.own)
    answer = {"stack": project.stack, "reset": existed}
    words = f"the rehearsal of {project.stack} is forgotten" if existed else "there was nothing to forget"
    typer.echo(json.dumps(answer, indent=2) if at.json else words)


@at_stack
def serve(
    at: At,
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="Run this with the emulated cloud, and end. After `--`."),
    ] = None,
) -> int:
    """Serve the emulated cloud for other programs: a plain or an ejected Pulumi program, an SDK.

    Prints the environment that they need, and serves until Ctrl-C.
    """
    from mlstack.cli.rehearse import serve as serve_doors

    _, environment = serve_doors(_opened(at))
    if command:
        return subprocess.run(command, check=False).returncode
    if at.json:
        typer.echo(json.dumps({"environment": environment}, indent=2))
    else:
        for name, value in environment.items():
            typer.echo(f"export {name}={shlex.quote(value)}")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    return 0


def _opened(at: At) -> Opened:
    """The rehearsal's project, without its doors."""
    return open_project(replace(at, rehearse=True), serve=False)


def _emulation(opened: Opened) -> Any:
    from mlstack.cli.rehearse import emulated

    return emulated(opened)


COMMANDS: dict[str, Callable[..., int | None]] = {
    "show": show,
    "edit": edit,
    "reset": reset,
    "serve": serve,
}
