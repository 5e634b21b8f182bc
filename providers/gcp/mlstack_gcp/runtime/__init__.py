"""The calls of the Vertex AI target that are no resources. One file for each group of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


class GcpRuntime(Runtime):
    """`mlstack.runtime.Runtime` for Vertex AI. Nothing is asked of Google before a call needs it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def status(self, records: Sequence[Record]) -> list[Status]:
        from mlstack_gcp.runtime import status

        return status.read(records)

    def metrics(self, records: Sequence[Record]) -> Iterator[list[Figures]]:
        from mlstack_gcp.runtime import figures

        return figures.read(records)

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
        from mlstack_gcp.runtime import jobs, logs

        if record.kind == "jobs" and not access:
            return jobs.printed(record, run, follow, tail)
        if record.kind != "endpoints":
            raise UsageError(
                f"{record.kind}.{record.name} writes no log", remedy="ask for a job or an endpoint"
            )
        if self.is_batch(record):
            return logs.of_batch(self._site, record, run, follow, tail)
        return logs.of_endpoint(record, child, follow, tail, access)

    def invoke(self, record: Record, body: bytes, content_type: str, *, deployment: str | None) -> Answer:
        from mlstack_gcp.runtime import invoke

        return invoke.ask(record, body, content_type, deployment)

    def cancel(self, record: Record, run: str | None = None) -> str:
        from mlstack_gcp.runtime import batch, jobs

        if record.kind == "jobs":
            return jobs.cancel(record, run)
        if self.is_batch(record):
            return batch.cancel(self._site, record, run)
        raise UsageError(
            f"{record.kind}.{record.name} answers at once: there is nothing to stop",
            remedy="name a job or a batch endpoint",
        )

    def run(
        self,
        record: Record,
        inputs: Mapping[str, Any],
        log: Callable[[str], None],
        *,
        artifact: Callable[[str], Artifact],
        detach: bool = False,
    ) -> Run:
        from mlstack_gcp.runtime.beside import beside

        return beside(record, inputs, log, artifact=artifact, detach=detach)

    def runs(self, record: Record) -> list[Run]:
        from mlstack_gcp.runtime import jobs

        return jobs.history(record)

    def measure(self, record: Record) -> Reading:
        from mlstack_gcp.runtime import readings

        return readings.latest(record, 1)[-1]

    def readings(self, record: Record, last: int) -> Sequence[Reading]:
        from mlstack_gcp.runtime import readings

        return readings.latest(record, last)

    def collect(self, records: Sequence[Record], *, everything: bool, dry_run: bool) -> list[Unused]:
        from mlstack_gcp.runtime import collection

        return collection.collect(self._site, records, everything=everything, dry_run=dry_run)

    def check(self) -> Iterator[tuple[str, bool, str]]:
        from mlstack_gcp.runtime import doctor

        yield from doctor.checks(self._site.settings)

    def is_batch(self, record: Record) -> bool:
        from mlstack_gcp.runtime.children import is_batch

        return is_batch(record)

    def score(
        self, record: Record, wanted: Scoring, watch: Callable[[Scored], None], log: Callable[[str], None]
    ) -> Run:
        from mlstack_gcp.runtime import batch

        return batch.score(self._site, record, wanted, watch, log)
