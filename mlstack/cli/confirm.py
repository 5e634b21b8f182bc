"""What needs an answer before it is done, and from whom: a person at the terminal, or --yes and --confirm."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from mlstack.cli.show.names import label
from mlstack.errors import AnswerNeeded, UsageError

if TYPE_CHECKING:
    from mlstack.engine.events import Change

_LOSING = ("delete", "replace")


def somebody_is_there() -> bool:
    """Whether a person can be asked: both ends of a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def check(confirm: str | None, stack: str) -> None:
    """UsageError where --confirm names another stack."""
    if confirm is not None and confirm != stack:
        raise UsageError(
            f"--confirm names {confirm!r}, and the stack is {stack!r}",
            code="confirmed-other-stack",
            remedy=f"if it is {stack!r} that you mean, give --confirm {stack}",
        )


def grave(changes: Iterable[Change]) -> list[Change]:
    """The steps that lose what cannot be made again (see `Kind.stateful`), or touch what is protected."""
    from mlstack.spec import KINDS

    found = []
    for change in changes:
        urn = change.parsed
        stateful = urn.kind is not None and KINDS[urn.kind].stateful
        lost = change.op in _LOSING and urn.is_component
        replaced = change.op == "replace" and not urn.is_component
        if (stateful and (lost or replaced)) or (change.protected and change.op in _LOSING):
            found.append(change)
    return found


def protected(resources: Iterable[dict[str, Any]]) -> list[str]:
    """The URNs of what a state protects."""
    return [resource["urn"] for resource in resources if resource.get("protect")]


def agree_to_loss(names: list[str], *, stack: str, confirm: str | None, command: str) -> None:
    """Go on only where somebody has named the stack. AnswerNeeded: nobody is there; or it was not named."""
    if not names or confirm == stack:
        return
    what = f"{', '.join(names[:4])}{' and more' if len(names) > 4 else ''}"
    if not somebody_is_there():
        raise AnswerNeeded(
            f"this would delete or replace {what}, which cannot be made again",
            where=f"stack {stack}",
            remedy=f"look at it with `mlstack preview`; if it is meant, add --confirm {stack}",
        )
    typer.echo(f"This deletes or replaces {what}, which cannot be made again.", err=True)
    answer = typer.prompt(
        f"Type the stack's name ({stack}) to go on", default="", show_default=False, err=True
    )
    if answer.strip() != stack:
        raise AnswerNeeded(
            "the stack was not named: nothing was changed",
            where=f"stack {stack}",
            remedy=f"`mlstack {command}` asks again; the name is {stack}",
        )


def must_answer(command: str, stack: str) -> AnswerNeeded:
    return AnswerNeeded(
        f"`mlstack {command}` asks before it changes anything, and nobody is there to answer",
        where=f"stack {stack}",
        remedy="give --yes to go on without being asked",
    )


def refused(command: str, stack: str) -> AnswerNeeded:
    return AnswerNeeded(
        "nothing was changed",
        code="declined",
        where=f"stack {stack}",
        remedy=f"`mlstack {command}` when it is to be done",
    )


def labels(changes: Iterable[Change]) -> list[str]:
    return list(dict.fromkeys(label(change) for change in changes))
