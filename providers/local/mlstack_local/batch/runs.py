"""The runs of a batch endpoint: which there are, how they fare, their logs, and how they are stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import Scored, StatusState
from mlstack_local import jobs
from mlstack_local.batch.asked import Asked
from mlstack_local.batch.inputs import BatchInputs
from mlstack_local.jobs import RunFolder, control
from mlstack_local.layout import Layout


def runs_of(layout: Layout, endpoint: str) -> list[RunFolder]:
    """All of them, the newest last."""
    return jobs.runs_in([layout.home / "batch" / endpoint])


def status(layout: Layout, inputs: BatchInputs) -> tuple[StatusState, str]:
    """Whether runs are going, and how far they are."""
    if not layout.endpoint(inputs.name).is_dir():
        return "absent", "its files are gone"
    others = sorted(set(inputs.deployments) - {inputs.default})
    which = ", ".join([f"{inputs.default} (default)" if others else inputs.default, *others])
    going = [run for run in runs_of(layout, inputs.name) if control.is_live(run.read())]
    if not going:
        return "ready", which
    return "running", "; ".join([which, *map(_told, going)])


def progress(run: RunFolder) -> Scored | None:
    """How far a run is; None before it has looked over its input, and after its end."""
    try:
        found = json.loads((Asked.read(run).folder / "progress.json").read_text())
    except (OSError, ValueError):
        return None
    return Scored(found["rows"], found["of"], found["failed"], found["rate"])


def metrics(run: RunFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Asked.read(run).folder / "metrics.json").read_text())
    return found


def cancel(layout: Layout, endpoint: str) -> str:
    """Stop all that are going; the newest one's id."""
    stopped = [run.path.name for run in runs_of(layout, endpoint) if control.stop(run)]
    if not stopped:
        raise UsageError(
            f"no run of batch endpoint {endpoint!r} is going",
            code="not-running",
            remedy="see `mlstack status`",
        )
    return stopped[-1]


def log_lines(
    layout: Layout, endpoint: str, deployment: str | None, follow: bool, tail: int | None
) -> Iterator[str]:
    """The log of the newest run, of one deployment where one is named."""
    found = [run for run in runs_of(layout, endpoint) if deployment is None or _asked(run) == deployment]
    if not found:
        raise TargetError(
            f"batch endpoint {endpoint!r} has scored nothing yet",
            code="no-log",
            category="user",
            remedy=f"run `mlstack invoke {endpoint} --data FILE`",
        )
    return jobs.lines_of(found[-1], follow, tail)


def _asked(run: RunFolder) -> str | None:
    """Which deployment; None when the run is being removed."""
    try:
        return Asked.read(run).deployment
    except FileNotFoundError:
        return None


def _told(run: RunFolder) -> str:
    at = progress(run)
    return f"{run.path.name} at {at.rows} of {at.total} rows" if at else f"{run.path.name} begins"
