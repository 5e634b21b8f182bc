"""What the command line does with jobs without the engine: run one beside, stop one, read its log."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.lowering.runs import unknown_input
from mlstack.lowering.shell import literal
from mlstack.runtime import Artifact, Run
from mlstack.suggest import suggest
from mlstack_local.files import last_lines, size_of
from mlstack_local.jobs import control
from mlstack_local.jobs.begin import start_run
from mlstack_local.jobs.history import runs, told
from mlstack_local.jobs.inputs import JobInput, JobInputs
from mlstack_local.jobs.record import ENDED, RunFolder
from mlstack_local.layout import Layout

_POLL = 0.3
_REFERENCE = re.compile(r"(data|models)\.[^.]+|jobs\.[^.]+\.[^.]+")


def run_beside(
    layout: Layout,
    job_inputs: Mapping[str, Any],
    changed: Mapping[str, Any],
    log: Callable[[str], None],
    *,
    artifact: Callable[[str], Artifact],
    detach: bool = False,
) -> Run:
    """Run a job with some of its inputs changed, in a folder of its own, and wait for it unless ``detach``.

    ``job_inputs`` are those of the stack's ``mlstack:local:Job``. Raises UsageError for an input that the
    job does not have, TargetError for a run that failed. Interrupted, it stops the run.
    """
    job = JobInputs.model_validate({k: v for k, v in job_inputs.items() if v is not None})
    job = _changed(job, changed, artifact)
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    run = RunFolder(layout.run(job.name, run_id))
    try:
        record = start_run(job, layout.root, run, log)
        if detach:
            return told(layout, run, record)
        record = control.wait(run, log)
    except KeyboardInterrupt:
        control.stop(run)
        raise
    if record.status != "succeeded":
        raise TargetError(
            f"the run {run_id} of job {job.name!r} {control.told(record)}",
            where=layout.relative(run.log),
            code="run-failed",
            category="user",
            remedy="mend what the log tells, then run it again",
        )
    return told(layout, run, record)


def cancel(layout: Layout, name: str, run_id: str | None = None) -> str:
    """Stop what runs of a job, its own run and those beside it, or one of them; the newest one's id."""
    wanted = runs(layout, name) if run_id is None else [_run(layout, name, run_id)]
    stopped = [run.path.name for run in wanted if control.stop(run)]
    if not stopped:
        what = f"run {run_id} of job {name!r} is not going" if run_id else f"no run of job {name!r} is going"
        raise UsageError(what, code="not-running", remedy="see `mlstack status`, or `mlstack runs`")
    return stopped[-1]


def log_lines(
    layout: Layout, name: str, follow: bool, tail: int | None, run_id: str | None = None
) -> Iterator[str]:
    """The log of a job's newest run, or of one run, oldest line first; with ``follow`` until the run ends."""
    if run_id is not None:
        return lines_of(_run(layout, name, run_id), follow, tail)
    known = runs(layout, name)
    if not known:
        raise TargetError(
            f"job {name!r} has not run yet", code="no-log", category="user", remedy="run `mlstack up`"
        )
    return lines_of(known[-1], follow, tail)


def _run(layout: Layout, name: str, run_id: str) -> RunFolder:
    known = runs(layout, name)
    for run in known:
        if run.path.name == run_id:
            return run
    near = suggest(run_id, [run.path.name for run in known])
    raise UsageError(
        f"job {name!r} has no run {run_id!r}",
        code="unknown-run",
        remedy=f"did you mean {near!r}?" if near else f"`mlstack runs {name}` shows those that are known",
    )


def _changed(job: JobInputs, changed: Mapping[str, Any], artifact: Callable[[str], Artifact]) -> JobInputs:
    inputs = dict(job.inputs)
    for name, value in changed.items():
        known = inputs.get(name)
        if known is None:
            raise unknown_input(job.name, name, inputs)
        if known.value is not None:
            inputs[name] = JobInput(value=literal(value))
        elif isinstance(value, str) and _REFERENCE.fullmatch(value):
            found = artifact(value)
            inputs[name] = JobInput(uri=found.uri, version=found.version)
        else:
            raise UsageError(
                f"the input {name!r} of job {job.name!r} is no literal",
                code="unknown-input",
                remedy=f"name something of the stack: {name}=data.NAME, models.NAME or jobs.NAME.OUTPUT",
            )
    return job.model_copy(update={"inputs": inputs})


def lines_of(run: RunFolder, follow: bool, tail: int | None) -> Iterator[str]:
    """The log of a run; with ``follow`` until it ends."""
    # the end is looked at before the log is read: what is read then is whole
    over = _is_over(run)
    if tail is not None:
        size = size_of(run.log)
        yield from last_lines(run.log, tail)
        lines = control.Follower(run.log, offset=size)
    else:
        lines = control.Follower(run.log)
    yield from lines.read(rest=True)
    while follow and not over:
        time.sleep(_POLL)
        over = _is_over(run)
        yield from lines.read(rest=over)


def _is_over(run: RunFolder) -> bool:
    record = run.read()
    return record is None or record.status in ENDED or control.is_lost(record)
