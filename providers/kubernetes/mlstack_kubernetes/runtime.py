"""The calls of the Kubernetes target that are no resources: how to have `kubectl` do what they would."""

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
from mlstack_kubernetes import kubeconfig


class KubernetesRuntime(Runtime):
    """`mlstack.runtime.Runtime` for a cluster."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def status(self, records: Sequence[Record]) -> list[Status]:
        raise _by_kubectl("status", f"get all {self._selected}")

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
        raise _by_kubectl("logs", f"logs --prefix {self._selected}")

    def invoke(self, record: Record, body: bytes, content_type: str, *, deployment: str | None) -> Answer:
        raise _by_kubectl(
            "invoke",
            f"port-forward {self._namespace(record)} service/NAME 8080:80",
            "and post to localhost:8080 with the key of `mlstack outputs --show-secrets`",
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
        raise _by_kubectl(
            "run", "create job NAME --from=cronjob/SCHEDULE", "for a job that a schedule starts"
        )

    def runs(self, record: Record) -> list[Run]:
        raise _by_kubectl("runs", f"get jobs {self._selected}")

    def cancel(self, record: Record, run: str | None = None) -> str:
        raise _by_kubectl("cancel", f"delete job {self._namespace(record)} NAME")

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
