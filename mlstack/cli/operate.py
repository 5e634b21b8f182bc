"""The engine's operations for a command: run with progress, and shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from mlstack.cli.options import At
    from mlstack.cli.project import Opened
    from mlstack.engine.operations import Operator, Result
    from mlstack.engine.project import Project


@contextmanager
def operator(
    opened: Opened, at: At, *, shown: Collection[str] = (), verify: bool = False, replan: bool = False
) -> Iterator[Operator]:
    """An operator whose progress is seen while the block runs: the moves of resources with these ops.

    With ``verify`` no file counts as unchanged that was not read while the block runs; with ``replan``
    choices that the stack keeps are made anew.
    """
    from mlstack import content
    from mlstack.cli.show.progress import progress
    from mlstack.engine.install import ensure_engine
    from mlstack.engine.operations import Operator

    with progress(shown=shown) as seen, content.watched(seen.hashing), content.verifying(verify):
        yield Operator(
            project=opened.project,
            engine=ensure_engine(lambda line: seen.say(f"engine: {line}")),
            say=seen.say,
            listener=seen.listen,
            on_interrupt=seen.interrupted,
            debug=at.debug,
            replan=replan,
        )


def show(result: Result, at: At, *, resources: bool = False, done: bool, error: bool = False) -> None:
    """The result on standard output; with ``error`` as a person is to see it before an answer."""
    from mlstack.cli.show import tree

    if at.json and not error:
        typer.echo(json.dumps(result.as_json(), indent=2, default=str))
        return
    for line in tree.draw(result, resources=resources, done=done):
        typer.echo(line, err=error)


def has_state(project: Project) -> bool:
    """Whether the stack may have been made already. Only a file backend can say no without being asked."""
    from mlstack.engine.project import backend_url, file_backend, state_file

    folder = file_backend(backend_url(project))
    return folder is None or state_file(folder, project).is_file()


def nothing(project: Project) -> Result:
    """The result of an operation on a stack that was never made."""
    from mlstack.engine.events import Journal
    from mlstack.engine.operations import Result

    return Result(project.stack, project.cloud, Journal().summary(), [])


def quiet_state(opened: Opened) -> list[dict[str, Any]]:
    """`state`, with no word of progress: for who draws on the whole terminal."""
    from mlstack.engine.install import ensure_engine
    from mlstack.engine.operations import Operator

    if not has_state(opened.project):
        return []
    return Operator(opened.project, ensure_engine(lambda _line: None)).resources()


def state(opened: Opened, at: At) -> list[dict[str, Any]]:
    """The state's resources, secrets in clear; empty where the stack was never made."""
    if not has_state(opened.project):
        return []
    with operator(opened, at) as engine:
        return engine.resources()
