"""What every target says of a job's runs: of one that has failed, and of what is asked for and not there."""

from __future__ import annotations

from collections.abc import Iterable

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Run
from mlstack.suggest import suggest


def unknown_input(job: str, name: str, known: Iterable[str]) -> UsageError:
    names = sorted(known)
    near = suggest(name, names)
    return UsageError(
        f"job {job!r} has no input {name!r}",
        code="unknown-input",
        remedy=f"{f'did you mean {near!r}? ' if near else ''}It has: {', '.join(names) or 'none'}.",
    )


def unknown(job: str, run: str) -> UsageError:
    return UsageError(
        f"job {job!r} has no run {run!r}",
        code="unknown-run",
        remedy="`mlstack runs` shows those it has",
    )


def not_running(job: str, run: str | None) -> UsageError:
    """Of the job, where no run is named."""
    return UsageError(
        f"job {job!r} is not running" if run is None else f"the run {run!r} has ended",
        code="not-running",
        remedy="`mlstack runs` shows how its runs fare",
    )


def failed(run: Run, job: str, said: str | None, where: str | None) -> TargetError:
    """``said`` is the end of what the run printed, ``where`` its page."""
    return TargetError(
        "\n".join(filter(None, (f"the run {run.id} of {job!r} {run.status}", run.message, said))),
        where=where,
        code="run-failed",
        category="user",
        remedy=f"`mlstack logs {job} --run {run.id}` has all that it printed",
    )
