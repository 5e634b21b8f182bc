"""What needs an answer before it is done, and from whom: a person at the terminal, or --yes and --confirm."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import typer

from mlstack.cli.show.names import label, owner
from mlstack.errors import AnswerNeeded, UsageError

if TYPE_CHECKING:
    from mlstack.engine.events import Change
    from mlstack.provider import Provider

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


def grave(changes: Iterable[Change], provider: Provider) -> list[Change]:
    """The steps that lose what cannot be made again (see `Kind.stateful`, `Provider.stateful`), or touch what
    is protected."""
    losing = [change for change in changes if change.op in _LOSING]
    gone = [change for change in losing if change.parsed.is_component]
    return [change for change in losing if change.protected or _loses(change, provider, gone)]


def _loses(change: Change, provider: Provider, gone: list[Change]) -> bool:
    from mlstack.spec import KINDS

    urn = change.parsed
    if urn.kind is None or not KINDS[urn.kind].stateful:
        return False
    if urn.is_component:
        return True
    if provider.stateful is None:
        return change.op == "replace"
    return urn.type in provider.stateful and owner(change, gone) is None


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
