"""``mlstack up``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from mlstack.cli import confirm as confirmation
from mlstack.cli.operate import has_state, operator, show
from mlstack.cli.options import At, Confirm, Replan, Resources, Verify, at_stack
from mlstack.cli.project import Opened, need_secrets, open_project
from mlstack.cli.show.progress import CHANGES
from mlstack.errors import MlstackError

if TYPE_CHECKING:
    from mlstack.engine.operations import Result


@at_stack
def up(
    at: At,
    resources: Resources = False,
    confirm: Confirm = None,
    replan: Replan = False,
    verify: Verify = False,
) -> None:
    """Make the stack what the spec says.

    Shows what will change and asks, then applies it. A run that was killed is recovered first.
    """
    opened = open_project(at)
    need_secrets(opened, at)
    project = opened.project
    confirmation.check(confirm, project.stack)
    if not at.yes and not confirmation.somebody_is_there():
        raise confirmation.must_answer("up", project.stack)
    if not at.yes or has_state(project) or _only_a_plan_tells(opened):
        planned = _planned(opened, at, verify=verify, replan=replan)
        if not at.yes and not _wanted(planned, opened, at, resources=resources):
            return
        grave = confirmation.grave(planned.changes, opened.provider)
        confirmation.agree_to_loss(
            confirmation.labels(grave), stack=project.stack, confirm=confirm, command="up"
        )
    result = _applied(opened, at, verify=verify, replan=replan)
    show(result, at, resources=resources, done=True)
    if not at.json:
        _next(result, opened)


def _only_a_plan_tells(opened: Opened) -> bool:
    """Whether mistakes may show only when the program runs: those of ``native`` blocks are to be told before
    anything is made."""
    if opened.spec is None:
        return opened.provider.native
    from mlstack.spec import resources

    return any(opened.provider.name in spec.native for _, _, spec in resources(opened.spec))


def _applied(opened: Opened, at: At, *, verify: bool, replan: bool) -> Result:
    from mlstack.cli.show.tree import draw_reached

    try:
        with operator(opened, at, shown=CHANGES, verify=verify, replan=replan) as engine:
            return engine.up()
    except MlstackError as error:
        if error.reached is not None:
            for line in draw_reached(error.reached):
                typer.echo(line, err=True)
        raise


def _planned(opened: Opened, at: At, *, verify: bool, replan: bool) -> Result:
    with operator(opened, at, verify=verify, replan=replan) as engine:
        return engine.preview()


def _wanted(planned: Result, opened: Opened, at: At, *, resources: bool) -> bool:
    """Show the plan and ask; whether there is something to do. AnswerNeeded: a no."""
    show(planned, at, resources=resources, done=False, error=True)
    if not any(count for op, count in planned.summary.items() if op != "same"):
        show(planned, at, resources=resources, done=True) if at.json else _next(planned, opened)
        return False
    while True:
        answer = typer.prompt("Apply this? [y/N/details]", default="n", show_default=False, err=True)
        if answer.lower() in ("d", "details"):
            show(planned, at, resources=True, done=False, error=True)
        elif answer.lower() in ("y", "yes"):
            return True
        else:
            raise confirmation.refused("up", opened.project.stack)


def _next(result: Result, opened: Opened) -> None:
    from mlstack.cli.show.tree import endpoints

    for line in endpoints(result.outputs, invokes=opened.provider.invokes):
        typer.echo(line)
