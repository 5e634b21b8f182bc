"""The calls of a target that are no resources: how things fare, logs, requests, runs, readings.

`Runtime` is what a target implements; the other classes are what goes in and comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from mlstack.errors import Category


@dataclass(frozen=True)
class Record:
    """A resource in a stack's state, secrets decrypted. ``kind`` is a collection key ("endpoints").

    ``children`` are the provider resources below the component.
    """

    kind: str
    name: str
    outputs: Mapping[str, Any]
    children: Sequence[ChildRecord] = ()


@dataclass(frozen=True)
class ChildRecord:
    """A provider resource below a component."""

    urn: str
    type: str
    name: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


StatusState = Literal[
    "absent", "pending", "creating", "running", "ready", "degraded", "failed", "stopped", "deleted"
]


@dataclass(frozen=True)
class Status:
    """One line of `mlstack status`. ``kind`` is the singular word ("endpoint")."""

    kind: str
    name: str
    state: StatusState
    detail: str = ""
    url: str | None = None


@dataclass(frozen=True)
class Figures:
    """How one deployment of an endpoint fared for ``seconds``: rate, errors, duration (RED).

    ``requests`` were answered, ``errors`` of them with a status from 500, ``refused`` with 400 to 499;
    ``in_flight`` are worked on now. ``p50``, ``p95`` and ``p99`` are latencies in seconds, None without
    requests. ``traffic`` and ``mirror`` are the percentages that it is meant to get.
    """

    endpoint: str
    deployment: str
    seconds: float
    requests: int = 0
    errors: int = 0
    refused: int = 0
    in_flight: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    traffic: int | None = None
    mirror: int | None = None

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered: HTTP status, decoded JSON body, seconds it took."""

    status: int
    body: Any
    seconds: float


@dataclass(frozen=True)
class Artifact:
    """What a reference of the spec names (``data.x``, ``jobs.train.model``): where, and of what version."""

    uri: str
    version: str | None


@dataclass(frozen=True)
class Run:
    """A run of a job. ``own`` is the stack's, others are beside it.

    ``started`` in seconds since the epoch, ``seconds`` how long it took or has taken so far; what a target
    does not know is None. ``inputs`` are for people.
    """

    id: str
    status: str
    outputs: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    message: str = ""
    started: float | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    max_rss_bytes: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        return {
            "id": self.id,
            "status": self.status,
            "metrics": dict(self.metrics),
            "outputs": dict(self.outputs),
        }


ReadingState = Literal["ok", "firing", "insufficient", "failed"]


@dataclass(frozen=True)
class Reading:
    """One reading of a monitor. ``time`` is ISO 8601; ``value`` is None where nothing could be measured.

    ``firing`` tells of the alert after it, which a reading that is insufficient or failed leaves as it was.
    ``report`` is a path or a URL; ``document`` is all that the target knows of the reading, as JSON.
    """

    monitor: str
    time: str
    state: ReadingState
    value: float | None
    threshold: float
    measure: str
    samples: int
    firing: bool = False
    error: str | None = None
    report: str | None = None
    document: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unused:
    """Something that nothing refers to any more: its kind and name for people, why it can go, and the bytes
    that are free without it."""

    kind: str
    name: str
    reason: str
    bytes: int


@dataclass(frozen=True)
class Scoring:
    """What a batch endpoint is asked: to score ``data`` (a path, or the record of the stack's data), or to
    go on with the run ``resume``.

    ``output`` None: a folder of the target's choice. ``deployment`` None: the one with the traffic. The other
    values stand in for the deployment's own. With ``detach`` the run is only started.
    """

    data: Path | Record | None = None
    output: Path | None = None
    deployment: str | None = None
    mini_batch: int | None = None
    max_errors: int | None = None
    resume: str | None = None
    detach: bool = False


@dataclass(frozen=True)
class Scored:
    """How far a run of a batch endpoint is: rows (or files) scored or failed, of how many."""

    rows: int
    total: int
    failed: int
    per_second: float


@dataclass(frozen=True)
class Trouble:
    """Something that keeps what an `up` waits for from coming up, and does not pass by itself as a rule.

    ``where`` is the resource of the spec or a part of it ("endpoints.scores-main"); ``message`` is one line.
    After ``patience`` seconds of it an `up` gives up.
    """

    where: str
    message: str
    remedy: str
    category: Category
    patience: float


class Runtime(Protocol):
    """The calls that are no resources. ``records`` are those of one stack, whole."""

    def status(self, records: Sequence[Record]) -> list[Status]:
        """How each resource fares now; nothing is changed."""

    def metrics(self, records: Sequence[Record]) -> Iterator[list[Figures]]:
        """Figures of the endpoints among the records, without end: first of all the time that the target
        remembers, then each time of the time since the last."""

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
        """Log lines of a job (``run``: one run of it, else the newest), or of an endpoint (``child``: one
        deployment), oldest first.

        ``access``: the requests to an endpoint, a JSON object a line, instead of what its processes print.
        """

    def invoke(self, record: Record, body: bytes, content_type: str, *, deployment: str | None) -> Answer:
        """Ask an endpoint once, with its own key. ``deployment`` skips the split."""

    def run(
        self,
        record: Record,
        inputs: Mapping[str, Any],
        log: Callable[[str], None],
        *,
        artifact: Callable[[str], Artifact],
        detach: bool = False,
    ) -> Run:
        """Run a job beside the stack's own with some inputs changed, and wait for it unless ``detach``.

        A literal takes a value; what is none takes a reference, of which ``artifact`` tells the place.
        """

    def runs(self, record: Record) -> list[Run]:
        """All runs of a job that are still known, the newest first."""

    def cancel(self, record: Record, run: str | None = None) -> str:
        """Stop what runs of a job, or this one run; the id of what was stopped."""

    def measure(self, record: Record) -> Reading:
        """Take a reading of a monitor now; it counts as one of its own time does."""

    def readings(self, record: Record, last: int) -> Sequence[Reading]:
        """The last readings of a monitor, the oldest first."""

    def collect(self, records: Sequence[Record], *, everything: bool, dry_run: bool) -> list[Unused]:
        """Remove what the target keeps and nothing refers to any more; what it was. Nothing in use goes.

        Without ``everything`` what was used of late stays; with ``dry_run`` all does.
        """

    def is_batch(self, record: Record) -> bool:
        """Whether an endpoint works through data (`score`), or answers at once (`invoke`)."""

    def score(
        self, record: Record, wanted: Scoring, watch: Callable[[Scored], None], log: Callable[[str], None]
    ) -> Run:
        """Score data by a batch endpoint, and wait for it; its outputs are places of files."""

    def check(self) -> Iterator[tuple[str, bool, str]]:
        """For `doctor`: (what, is it well, detail or remedy)."""

    #: Whether `troubles` is worth asking.
    watches: bool = False

    def troubles(self) -> Iterator[Trouble]:
        """Asked every few seconds while an `up` waits: what is in its way now. Raises TargetError where
        nothing can be known."""
        return iter(())


@dataclass(frozen=True)
class Site:
    """Where a runtime works: the stack, its folder, its settings, and the choices that its config holds."""

    stack_uid: str
    root: Path
    settings: Any
    choices: Mapping[str, str] = field(default_factory=dict)
