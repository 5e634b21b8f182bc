"""What a run of a job printed: the run that is named, else the newest."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from mlstack.errors import UsageError
from mlstack.runtime import Record
from mlstack_aws import joblogs
from mlstack_aws.runtime import jobs
from mlstack_aws.runtime.account import Account
from mlstack_aws.runtime.children import one


def of_job(aws: Account, record: Record, run: str | None, follow: bool, tail: int | None) -> Iterator[str]:
    job = one(record, jobs.TYPE)
    sort, sagemaker = jobs.reach(aws, job)
    if run is None:
        newest = next(iter(jobs.known(aws, job)), None)
        run = sort.name_of(newest) if newest is not None else str(job.outputs["run"])
    if sort.find(sagemaker, run) is None:
        raise UsageError(
            f"there is no run {run!r}", code="unknown-run", remedy="`mlstack runs` shows those of a job"
        )
    log = joblogs.RunLog(aws.client("logs", job.inputs["region"]), sort, run)
    if not follow or tail is not None:
        yield from deque(log.more(), tail)
    if follow:
        yield from joblogs.follow(sagemaker, sort, run, log)
