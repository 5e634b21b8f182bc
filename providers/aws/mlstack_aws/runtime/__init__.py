"""The calls of the AWS target that are no resources. One file for each group of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import (
    Answer,
    Artifact,
    Figures,
    Reading,
    Record,
    Run,
    Runtime,
    Scored,
    Scoring,
    Site,
    Status,
    Unused,
)
from mlstack_aws.runtime.account import Account


class AwsRuntime(Runtime):
    """`mlstack.runtime.Runtime` for SageMaker. Nothing is asked of AWS before a call needs it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @cached_property
    def _aws(self) -> Account:
        return Account(self._site.settings.profile)

    def status(self, records: Sequence[Record]) -> list[Status]:
        from mlstack_aws.runtime import status

        return status.read(self._aws, records)

    def metrics(self, records: Sequence[Record]) -> Iterator[list[Figures]]:
        from mlstack_aws.runtime import figures

        return figures.read(self._aws, records)

    def logs(
        self,
        record: Record,
        *,
        child: str | None,
        follow: bool,
        tail: int | None,
        access: bool = False,
        run: str | None = None,
    ) -> Iterator[str]:
        from mlstack_aws.runtime import logs

        if access:
            raise logs.no_access_log(record)
        if record.kind == "jobs":
            from mlstack_aws.runtime import joblogs

            return joblogs.of_job(self._aws, record, run, follow, tail)
        if record.kind != "endpoints":
            raise UsageError(
                f"{record.kind}.{record.name} writes no log", remedy="ask for a job or an endpoint"
            )
        if self.is_batch(record):
            return logs.of_batch(self._aws, record, run, follow, tail)
        return logs.of_endpoint(self._aws, record, child, follow, tail)

    def invoke(self, record: Record, body: bytes, content_type: str, *, deployment: str | None) -> Answer:
        from mlstack_aws.runtime import invoke

        return invoke.ask(self._aws, record, body, content_type, deployment)

    def run(
        self,
        record: Record,
        inputs: Mapping[str, Any],
        log: Callable[[str], None],
        *,
        artifact: Callable[[str], Artifact],
        detach: bool = False,
    ) -> Run:
        from mlstack_aws.runtime import jobs

        return jobs.beside(self._aws, record, inputs, log, artifact=artifact, detach=detach)

    def runs(self, record: Record) -> list[Run]:
        from mlstack_aws.runtime import jobs

        return jobs.history(self._aws, record)

    def cancel(self, record: Record, run: str | None = None) -> str:
        from mlstack_aws.runtime import batch, jobs

        if record.kind == "endpoints":
            if self.is_batch(record):
                return batch.cancel(self._aws, record, run)
            raise UsageError(
                f"endpoint {record.name!r} answers at once: there is nothing to stop",
                remedy="name a job or a batch endpoint",
            )
        return jobs.cancel(self._aws, record, run)

    def measure(self, record: Record) -> Reading:
        from mlstack_aws.runtime import readings

        return readings.latest(self._aws, record, 1)[-1]

    def readings(self, record: Record, last: int) -> Sequence[Reading]:
        from mlstack_aws.runtime import readings

        return readings.latest(self._aws, record, last)

    def collect(self, records: Sequence[Record], *, everything: bool, dry_run: bool) -> list[Unused]:
        raise UsageError(
            "`mlstack gc` is not built by this version of mlstack for AWS",
            code="unsupported",
            remedy="`mlstack down` removes what the stack has uploaded",
        )

    def is_batch(self, record: Record) -> bool:
        from mlstack_aws.runtime.children import is_batch

        return is_batch(record)

    def score(
        self, record: Record, wanted: Scoring, watch: Callable[[Scored], None], log: Callable[[str], None]
    ) -> Run:
        from mlstack_aws.runtime import batch

        return batch.score(self._aws, self._site, record, wanted, watch, log)

    def check(self) -> Iterator[tuple[str, bool, str]]:
        from mlstack_aws.runtime import doctor

        return doctor.checks(self._site.settings)
