"""``mlstack down``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from mlstack.cli import confirm as confirmation
from mlstack.cli.operate import has_state, nothing, operator, show, state
from mlstack.cli.options import At, Confirm, Resources, at_stack
from mlstack.cli.project import Opened, open_project
from mlstack.cli.show.progress import CHANGES

if TYPE_CHECKING:
    from mlstack.engine.operations import Result


@at_stack
def down(at: At, resources: Resources = False, confirm: Confirm = None) -> None:
    """Delete everything that the stack has made.

    The spec, the stack's file and its history stay.
    """
    opened = open_project(at)
    stack = opened.project.stack
    confirmation.check(confirm, stack)
    if not at.yes and not confirmation.somebody_is_there():
        raise confirmation.must_answer("down", stack)
    if not has_state(opened.project):
        show(nothing(opened.project), at, done=True)
        return
    protected = _protected(opened, at)
    if not at.yes and not protected:
        if not _wanted(opened, at, confirm, resources=resources):
            return
    else:  # the engine previews no deletion of what is protected: the names are all there is to show
        confirmation.agree_to_loss(protected, stack=stack, confirm=confirm, command="down")
    with operator(opened, at, shown=CHANGES) as engine:
        result = engine.down(unprotect=bool(protected))
    if opened.emulation is not None:
        from mlstack.cli.rehearse import left_over

        result.warnings += left_over(opened.emulation)
    show(result, at, resources=resources, done=True)


def _protected(opened: Opened, at: At) -> list[str]:
    from mlstack.engine.urn import Urn

    urns = [Urn.parse(urn) for urn in confirmation.protected(state(opened, at))]
    return [f"{urn.kind or urn.type}.{urn.name} (protected)" for urn in urns]


def _wanted(opened: Opened, at: At, confirm: str | None, *, resources: bool) -> bool:
    """Show what would go, and ask: by name where something cannot be made again."""
    planned = _planned(opened, at)
    show(planned, at, resources=resources, done=False, error=True)
    if not planned.changes:
        if at.json:
            show(planned, at, done=True)
        return False
    stack = opened.project.stack
    grave = confirmation.grave(planned.changes, opened.provider)
    if grave:
        names = confirmation.labels(grave)
        confirmation.agree_to_loss(names, stack=stack, confirm=confirm, command="down")
    elif not typer.confirm("Delete all this?", default=False, err=True):
        raise confirmation.refused("down", stack)
    return True


def _planned(opened: Opened, at: At) -> Result:
    with operator(opened, at) as engine:
        return engine.preview_down()
