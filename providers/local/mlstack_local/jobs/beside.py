"""What the command line asks about jobs without the engine: run one beside, stop, read its log, its state."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlstack.errors import TargetError, UsageError
from mlstack.provider import Run, StatusState
from mlstack.suggest import suggest
from mlstack_local.files import last_lines
from mlstack_local.jobs import control
from mlstack_local.jobs.begin import outputs_of, start_run
from mlstack_local.jobs.inputs import JobInput, JobInputs, literal
from mlstack_local.jobs.record import ENDED, Record, RunFolder
from mlstack_local.layout import Layout

_POLL = 0.3


def run_beside(
    layout: Layout, job_inputs: Mapping[str, Any], changed: Mapping[str, Any], log: Callable[[str], None]
) -> Run:
    """Run a job with some of its literals changed, in a folder of its own, and wait for it.

    ``job_inputs`` are those of the stack's ``mlstack:local:Job``. Raises UsageError for an input that is
    no literal, TargetError for a run that failed. Interrupted, it stops the run.
    """
    job = _changed(JobInputs.model_validate({k: v for k, v in job_inputs.items() if v is not None}), changed)
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    run = RunFolder(layout.run(job.name, run_id))
    try:
        start_run(job, layout.root, run, log)
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
    return Run(run_id, record.status, outputs_of(job, layout.root, run, record), record.metrics)


def cancel(layout: Layout, name: str) -> str:
    """Stop what runs of a job, the stack's own run or those beside it; the newest one's id."""
    stopped = [run.path.name for run in _runs(layout, name) if control.stop(run)]
    if not stopped:
        raise UsageError(
            f"no run of job {name!r} is going", code="not-running", remedy="see `mlstack status`"
        )
    return stopped[-1]


def log_lines(layout: Layout, name: str, follow: bool, tail: int | None) -> Iterator[str]:
    """The log of a job's newest run, oldest line first; with ``follow`` until the run ends."""
    runs = _runs(layout, name)
    if not runs:
        raise TargetError(
            f"job {name!r} has not run yet", code="no-log", category="user", remedy="run `mlstack up`"
        )
    return _lines(runs[-1], follow, tail)


def status(layout: Layout, name: str, fingerprint: str) -> tuple[StatusState, str]:
    """How the stack's own run of a fingerprint fares, and a word on it.

    "" where the state knows of none yet, since its first run failed or still goes on: the newest, then.
    """
    if not fingerprint:
        own = [run for run in _runs(layout, name) if run.path.parent == layout.home / "jobs" / name]
        if not own:
            return "pending", "not run yet"
        fingerprint = own[-1].path.name
    run = RunFolder(layout.job(name, fingerprint))
    record = run.read()
    if record is None or (record.status == "succeeded" and not control.is_done(run, record)):
        return "absent", "its files are gone"
    if control.is_lost(record):
        return "failed", "its runner was killed"
    match record.status:
        case "pending":
            return "pending", ""
        case "running":
            return "running", f"for {time.time() - (record.started or time.time()):.0f} s"
        case "succeeded":
            took = _took(record)
            metrics = (f"{key} {value:g}" for key, value in sorted(record.metrics.items()))
            return "ready", ", ".join((took, *metrics))
        case "cancelled":
            return "stopped", record.message
        case _:
            return "failed", record.message


def _took(record: Record) -> str:
    """ "took 12.3 s, peak 1.2 GB"."""
    took = f"took {(record.ended or 0) - (record.started or 0):.1f} s"
    memory = record.max_rss_bytes or 0
    if not memory:
        return took
    return f"{took}, peak {memory / 1e9:.1f} GB" if memory >= 1e9 else f"{took}, peak {memory / 1e6:.0f} MB"


def runs_of(layout: Layout, name: str) -> list[Path]:
    """The folders that hold the runs of a job: the stack's own, and those beside it."""
    return [layout.home / "jobs" / name, layout.home / "runs" / name]


def _runs(layout: Layout, name: str) -> list[RunFolder]:
    """All runs of a job, the newest last."""
    found = []
    for home in runs_of(layout, name):
        for path in home.glob("*/run.json"):
            run = RunFolder(path.parent)
            if (record := run.read()) is not None:
                found.append((record.requested, run.path.name, run))
    return [run for _, _, run in sorted(found, key=lambda item: item[:2])]


def _changed(job: JobInputs, changed: Mapping[str, Any]) -> JobInputs:
    inputs = dict(job.inputs)
    for name, value in changed.items():
        known = inputs.get(name)
        if known is None or known.value is None:
            literals = sorted(key for key, one in inputs.items() if one.value is not None)
            near = suggest(name, literals)
            hint = f"did you mean {near!r}? " if near else ""
            raise UsageError(
                f"job {job.name!r} has no literal input {name!r}",
                code="unknown-input",
                remedy=f"{hint}It has: {', '.join(literals) or 'none'}.",
            )
        inputs[name] = JobInput(value=literal(value))
    return job.model_copy(update={"inputs": inputs})


def _lines(run: RunFolder, follow: bool, tail: int | None) -> Iterator[str]:
    # the end is looked at before the log is read: what is read then is whole
    over = _is_over(run)
    if tail is not None:
        size = run.log.stat().st_size if run.log.exists() else 0
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
