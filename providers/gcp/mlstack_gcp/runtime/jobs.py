"""Runs of a job: those there are, the end of one that goes, and what they print."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from mlstack.lowering import runs as told
from mlstack.runtime import Record, Run
from mlstack_gcp.jobs import logs, runs
from mlstack_gcp.runtime import children
from mlstack_gcp.runtime.described import described

#: Runs whose numbers are asked for, one request each.
_WITH_METRICS = 20


def history(record: Record) -> list[Run]:
    """All runs of the job that Vertex AI still has, the newest first."""
    own = children.one(record, children.JOB).outputs.get("job_id")
    return [
        described(run, own=run.name == own, metrics=number < _WITH_METRICS)
        for number, run in enumerate(_of(record))
    ]


def cancel(record: Record, run: str | None) -> str:
    """Stop the runs of a job that go, or this one; the number of the (newest) one that was stopped."""
    known = _of(record)
    if run is not None:
        known = [each for each in known if runs.last(each.name) == run]
        if not known:
            raise told.unknown(record.name, run)
    stopped = [runs.last(each.name) for each in known if runs.stop(each)]
    if not stopped:
        raise told.not_running(record.name, run)
    return stopped[0]


def printed(record: Record, run: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    """What a run printed: the run that is named, else the newest."""
    known = [each for each in _of(record) if run is None or runs.last(each.name) == run]
    if not known:
        raise told.unknown(record.name, run or "at all")
    name = known[0].name
    log = logs.RunLog(name)
    yield from deque(log.more(), tail)
    if follow:
        yield from logs.follow(name, log)


def _of(record: Record) -> list[Any]:
    job = children.one(record, children.JOB)
    where = runs.parent(job.inputs["project"], job.inputs["location"])
    return runs.of_stack(where, job.inputs["stack_uid"], job.inputs["name"])
