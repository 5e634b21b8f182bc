"""The runs of a job that are still on disk, and how each fares."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from mlstack.runtime import Run, StatusState
from mlstack_local.files import matching
from mlstack_local.jobs import control
from mlstack_local.jobs.record import ENDED, Record, Request, RunFolder
from mlstack_local.layout import Layout

_LOST = "its runner was killed"


def runs_of(layout: Layout, name: str) -> list[Path]:
    """The folders that hold the runs of a job: the stack's own, and those beside it."""
    return [layout.home / "jobs" / name, layout.home / "runs" / name]


def runs(layout: Layout, name: str) -> list[RunFolder]:
    """All runs of a job, the newest last."""
    return runs_in(runs_of(layout, name))


def runs_in(homes: Iterable[Path]) -> list[RunFolder]:
    """The runs in these folders, the newest last."""
    found = []
    for home in homes:
        for path in matching(home, "*/run.json"):
            run = RunFolder(path.parent)
            if (record := run.read()) is not None:
                found.append((record.requested, run.path.name, run))
    return [run for _, _, run in sorted(found, key=lambda item: item[:2])]


def history(layout: Layout, name: str) -> list[Run]:
    """All runs of a job, the newest first."""
    known = [(run, control.settled(run)) for run in reversed(runs(layout, name))]
    return [told(layout, run, record) for run, record in known if record is not None]


def told(layout: Layout, run: RunFolder, record: Record) -> Run:
    """A run as the command line shows it."""
    lost = control.is_lost(record)
    request = _request(run)
    outputs = {
        name: {"uri": layout.relative(run.output(name)), "version": record.outputs.get(name)}
        for name in (request.outputs if request else ())
    }
    return Run(
        id=run.path.name,
        status="failed" if lost else record.status,
        outputs=outputs,
        metrics=record.metrics,
        inputs=request.inputs if request else {},
        own=_is_own(layout, run),
        message=_LOST if lost else record.message,
        started=record.started,
        seconds=_seconds(record),
        cpu_seconds=record.cpu_seconds,
        max_rss_bytes=record.max_rss_bytes,
    )


def status(layout: Layout, name: str, fingerprint: str) -> tuple[StatusState, str]:
    """How the stack's own run of a fingerprint fares, and a word on it; with what else runs of the job, and
    what failed since.

    "" where the state knows of none yet, since its first run failed or still goes on: the newest, then.
    """
    own = [run for run in runs(layout, name) if _is_own(layout, run)]
    if not fingerprint:
        if not own:
            return "pending", "; ".join(("not run yet", *_beside(layout, name)))
        fingerprint = own[-1].path.name
    run = RunFolder(layout.job(name, fingerprint))
    state, detail = _fares(run)
    later = own[own.index(run) + 1 :] if run in own else []
    return state, "; ".join(filter(None, (detail, *_later(name, later), *_beside(layout, name))))


def _fares(run: RunFolder) -> tuple[StatusState, str]:
    record = control.settled(run)
    if record is None or (record.status == "succeeded" and not control.is_done(run, record)):
        return "absent", "its files are gone"
    if control.is_lost(record):
        return "failed", _LOST
    match record.status:
        case "pending":
            return "pending", ""
        case "running":
            return "running", f"for {_seconds(record):.0f} s"
        case "succeeded":
            metrics = (f"{key} {value:g}" for key, value in sorted(record.metrics.items()))
            return "ready", ", ".join((_took(record), *metrics))
        case "cancelled":
            return "stopped", record.message
        case _:
            return "failed", record.message


def _later(name: str, later: list[RunFolder]) -> Iterator[str]:
    """What became of the newest run that the stack has tried since."""
    record = control.settled(later[-1]) if later else None
    if record is None:
        return
    if record.status == "running" and not control.is_lost(record):
        yield f"a newer run goes on for {_seconds(record):.0f} s"
    elif record.status != "succeeded":
        yield f"a newer run {control.told(record)} (`mlstack logs jobs.{name}`)"


def _beside(layout: Layout, name: str) -> Iterator[str]:
    going = []
    for run in runs(layout, name):
        record = run.read()
        if not _is_own(layout, run) and record is not None and control.is_live(record):
            going.append(f"{run.path.name} for {_seconds(record):.0f} s")
    if going:
        yield f"beside it: {', '.join(going)}"


def _is_own(layout: Layout, run: RunFolder) -> bool:
    return run.path.parent.parent == layout.home / "jobs"


def _request(run: RunFolder) -> Request | None:
    try:
        return run.read_request()
    except (OSError, ValueError):
        return None


def _seconds(record: Record) -> float:
    if record.started is None:
        return 0.0
    over = record.ended if record.status in ENDED and record.ended else time.time()
    return round(over - record.started, 3)


def _took(record: Record) -> str:
    """ "took 12.3 s, peak 1.2 GB"."""
    took = f"took {_seconds(record):.1f} s"
    memory = record.max_rss_bytes or 0
    if not memory:
        return took
    return f"{took}, peak {memory / 1e9:.1f} GB" if memory >= 1e9 else f"{took}, peak {memory / 1e6:.0f} MB"
