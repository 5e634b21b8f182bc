"""The calls of the local target that are no resources."""

from __future__ import annotations

import http.client
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlstack.errors import TargetError, UsageError
from mlstack.runtime import (
    Answer,
    Artifact,
    ChildRecord,
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
from mlstack.suggest import suggest
from mlstack_local import batch, doctor, jobs, secrets
from mlstack_local.batch import BatchInputs
from mlstack_local.deployments.control import program_name
from mlstack_local.deployments.recipe import deployment_prefix
from mlstack_local.files import last_lines
from mlstack_local.jobs.control import Follower
from mlstack_local.layout import Layout
from mlstack_local.masking import Masker
from mlstack_local.supervisor import Supervisor

_POLL = 0.3
_ANSWER_SECONDS = 600.0
_JOB = "mlstack:local:Job"


class LocalRuntime(Runtime):
    """`mlstack.runtime.Runtime` for this machine."""

    def __init__(self, site: Site) -> None:
        self._layout = Layout(site.root, site.stack_uid)

    def status(self, records: Sequence[Record]) -> list[Status]:
        from mlstack_local import health

        return health.status(self._layout, records)

    def metrics(self, records: Sequence[Record]) -> Iterator[list[Figures]]:
        from mlstack_local import figures

        return figures.read(self._layout, records)

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
        if access:
            return self._access_lines(record, child, follow, tail)
        if record.kind == "jobs":
            return jobs.log_lines(self._layout, record.name, follow, tail, run)
        if BatchInputs.of_record(record) is not None:
            return batch.log_lines(self._layout, record.name, child, follow, tail)
        if record.kind != "endpoints":
            raise UsageError(
                f"{record.kind}.{record.name} writes no log", remedy="ask for a job or an endpoint"
            )
        masker = Masker(secrets.values(self._layout))
        return map(masker.text, self._worker_lines(self._programs(record, child), follow, tail))

    def invoke(self, record: Record, body: bytes, content_type: str, *, deployment: str | None) -> Answer:
        url = urlsplit(str(record.outputs["url"]))
        headers = {"content-type": content_type, "authorization": f"Bearer {record.outputs['key']}"}
        if deployment is not None:
            headers["x-mlstack-deployment"] = deployment
        connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=_ANSWER_SECONDS)
        started = time.perf_counter()
        try:
            connection.request("POST", _path(record.name, body, content_type), body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise TargetError(
                f"endpoint {record.name!r} does not answer: {error}",
                where=record.outputs["url"],
                code="endpoint-unreachable",
                remedy="see `mlstack status`; `mlstack up` brings it back",
            ) from error
        finally:
            connection.close()
        return Answer(answer.status, _decoded(content), time.perf_counter() - started)

    def run(
        self,
        record: Record,
        inputs: Mapping[str, Any],
        log: Callable[[str], None],
        *,
        artifact: Callable[[str], Artifact],
        detach: bool = False,
    ) -> Run:
        made_of = _child(record, _JOB).inputs
        return jobs.run_beside(self._layout, made_of, inputs, log, artifact=artifact, detach=detach)

    def is_batch(self, record: Record) -> bool:
        return BatchInputs.of_record(record) is not None

    def score(
        self, record: Record, wanted: Scoring, watch: Callable[[Scored], None], log: Callable[[str], None]
    ) -> Run:
        inputs = BatchInputs.of_record(record)
        assert inputs is not None, record
        if wanted.resume is not None:
            run = batch.resume(self._layout, record.name, wanted)
        else:
            run = batch.begin(self._layout, inputs, wanted, log)
        if wanted.detach:
            return batch.result(self._layout, run, "running")
        return batch.follow(self._layout, record.name, run, watch, log)

    def runs(self, record: Record) -> list[Run]:
        return jobs.history(self._layout, record.name)

    def cancel(self, record: Record, run: str | None = None) -> str:
        if BatchInputs.of_record(record) is not None:
            return batch.cancel(self._layout, record.name)
        if record.kind != "jobs":
            raise UsageError(
                f"endpoint {record.name!r} answers at once: there is nothing to stop",
                remedy="name a job or a batch endpoint",
            )
        return jobs.cancel(self._layout, record.name, run)

    def measure(self, record: Record) -> Reading:
        from mlstack_local.monitors import commands

        return commands.measure(self._layout, record.name)

    def readings(self, record: Record, last: int) -> Sequence[Reading]:
        from mlstack_local.monitors import commands

        return commands.readings(self._layout, record.name, last)

    def collect(self, records: Sequence[Record], *, everything: bool, dry_run: bool) -> list[Unused]:
        from mlstack_local import collection

        return collection.collect(self._layout, records, everything=everything, dry_run=dry_run)

    def check(self) -> Iterator[tuple[str, bool, str]]:
        return doctor.checks(self._layout)

    def _access_lines(
        self, record: Record, child: str | None, follow: bool, tail: int | None
    ) -> Iterator[str]:
        """The requests to an endpoint, or to one deployment of it."""
        from mlstack_local.gateway import access

        if record.kind != "endpoints":
            raise UsageError(f"{record.kind}.{record.name} is asked by nobody", remedy="ask for an endpoint")
        self._deployments(record, child)
        path = self._layout.endpoint(record.name) / access.NAME
        return _entries(path, lambda line: child in (None, access.deployment_of(line)), follow, tail)

    def _deployments(self, record: Record, child: str | None) -> list[str]:
        """The names that an endpoint has, ``child`` among them. Raises UsageError."""
        from mlstack_local import health
        from mlstack_local.gateway import config as configs

        known = list(health.deployments(configs.read(self._layout.endpoint(record.name)), record))
        if child is not None and child not in known:
            near = suggest(child, known)
            raise UsageError(
                f"endpoint {record.name!r} has no deployment {child!r}",
                code="unknown-deployment",
                remedy=f"did you mean {near!r}?" if near else f"it has: {', '.join(known)}",
            )
        return known

    def _programs(self, record: Record, child: str | None) -> list[str]:
        """Names of the programs whose logs are asked for: workers in order, then the gateway."""
        known = self._deployments(record, child)
        supervisor = Supervisor(self._layout)
        prefixes = [deployment_prefix(record.name, name) for name in known if child in (None, name)]
        names = [name for prefix in prefixes for name in supervisor.programs(prefix)]
        others = (f"{record.name}.gateway", program_name(record.name))
        return names if child else [*names, *(name for name in others if name in supervisor.programs())]

    def _worker_lines(self, names: Sequence[str], follow: bool, tail: int | None) -> Iterator[str]:
        """Each line after its worker's name, where there are several ("blue.0")."""
        supervisor = Supervisor(self._layout)
        followers = []
        for name in names:
            path = supervisor.log(name)
            size = path.stat().st_size if path.exists() else 0
            for line in last_lines(path, tail) if tail is not None else ():
                yield _labelled(name, line, names)
            followers.append((name, Follower(path, offset=size if tail is not None else 0)))
        while True:
            for name, follower in followers:
                for line in follower.read(rest=not follow):
                    yield _labelled(name, line, names)
            if not follow:
                return
            time.sleep(_POLL)


def _entries(path: Path, wanted: Callable[[str], bool], follow: bool, tail: int | None) -> Iterator[str]:
    follower = Follower(path)
    yield from deque(filter(wanted, follower.read()), tail)
    while follow:
        time.sleep(_POLL)
        yield from filter(wanted, follower.read())


def _labelled(name: str, line: str, names: Sequence[str]) -> str:
    if len(names) == 1:
        return line
    _, program, *rest = name.split(".")
    label = f"{program}.{rest[-1]}" if rest else program
    return f"{label}: {line}"


def _path(endpoint: str, body: bytes, content_type: str) -> str:
    """Where a body belongs: the Open Inference Protocol's to its own route, all else to the root."""
    if content_type.partition(";")[0].strip() == "application/json":
        document = _decoded(body)
        if isinstance(document, dict) and "inputs" in document and "instances" not in document:
            return f"/v2/models/{endpoint}/infer"
    return "/"


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")


def _child(record: Record, token: str) -> ChildRecord:
    for child in record.children:
        if child.type == token:
            return child
    raise UsageError(
        f"{record.kind}.{record.name} is not in the stack's state yet", remedy="run `mlstack up`"
    )
