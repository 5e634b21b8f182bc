"""The calls of the Kubernetes target that are no resources. One file for each group of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
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
    Trouble,
    Unused,
)
from mlstack_kubernetes import kubeconfig
from mlstack_kubernetes.cluster import Cluster


class KubernetesRuntime(Runtime):
    """`mlstack.runtime.Runtime` for a cluster. Nothing is asked of it before a call needs it."""

    watches = True

    def __init__(self, site: Site) -> None:
        self._site = site
        self._cluster = Cluster(site)
        self._begun = datetime.now(UTC)

    def status(self, records: Sequence[Record]) -> list[Status]:
        from mlstack_kubernetes.runtime import status

        return status.read(self._cluster, records)

    def troubles(self) -> Iterator[Trouble]:
        from mlstack_kubernetes.runtime import watched

        return watched.troubles(self._cluster, self._site.settings, self._begun)

    def metrics(self, records: Sequence[Record]) -> Iterator[list[Figures]]:
        raise _by_kubectl("metrics", f"top pods {self._selected}")

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
        from mlstack_kubernetes.runtime import logs

        if access:
            raise logs.no_access_log(record)
        found: Iterator[str] = logs.of(self._cluster, record, child, follow, tail, run)
        return found

    def invoke(self, record: Record, body: bytes, content_type: str, *, deployment: str | None) -> Answer:
        from mlstack_kubernetes.runtime import invoke

        return invoke.ask(self._cluster, record, body, content_type, deployment)

    def run(
        self,
        record: Record,
        inputs: Mapping[str, Any],
        log: Callable[[str], None],
        *,
        artifact: Callable[[str], Artifact],
        detach: bool = False,
    ) -> Run:
        raise _by_kubectl(
            "run", "create job NAME --from=cronjob/SCHEDULE", "for a job that a schedule starts"
        )

    def runs(self, record: Record) -> list[Run]:
        from mlstack_kubernetes.runtime import jobs

        return jobs.runs(self._cluster, record)

    def cancel(self, record: Record, run: str | None = None) -> str:
        from mlstack_kubernetes.runtime import jobs

        return jobs.cancel(self._cluster, record, run)

    def measure(self, record: Record) -> Reading:
        name = str(record.outputs.get("id")).rpartition("/")[2]
        raise _by_kubectl(
            "monitor run",
            f"create job {self._namespace(record)} NAME --from=cronjob/{name}",
            "for a monitor of data; Prometheus reads the others by itself",
        )

    def readings(self, record: Record, last: int) -> Sequence[Reading]:
        name = f"app.kubernetes.io/name={record.name}"
        raise _by_kubectl(
            "monitor",
            f"logs {self._namespace(record)} --selector {name} --prefix",
            "for a monitor of data, a line of JSON each; the others' are mlstack_monitor_value in Prometheus",
        )

    def collect(self, records: Sequence[Record], *, everything: bool, dry_run: bool) -> list[Unused]:
        raise UsageError(
            "`mlstack gc` is not built by this version of mlstack for Kubernetes",
            code="unsupported",
            remedy="`mlstack down` removes the stack's volume, and all that is on it",
        )

    def is_batch(self, record: Record) -> bool:
        return False

    def score(
        self, record: Record, wanted: Scoring, watch: Callable[[Scored], None], log: Callable[[str], None]
    ) -> Run:
        raise UsageError(f"endpoint {record.name!r} answers at once", remedy="use `mlstack invoke`")

    def check(self) -> Iterator[tuple[str, bool, str]]:
        yield from kubeconfig.checks(self._site.settings.context)

    @property
    def _selected(self) -> str:
        return f"--all-namespaces --selector mlstack-stack={self._site.stack_uid}"

    def _namespace(self, record: Record) -> str:
        return f"--namespace {str(record.outputs.get('id')).partition('/')[0]}"


def _by_kubectl(command: str, words: str, further: str = "") -> UsageError:
    return UsageError(
        f"`mlstack {command}` is not built by this version of mlstack for Kubernetes",
        code="unsupported",
        remedy=" ".join(filter(None, (f"`kubectl {words}`", further))),
    )
