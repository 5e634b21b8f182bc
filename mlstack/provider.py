"""The contract of a provider: all that a target declares, and the few calls that are no resources.

A provider is data first: which kinds it builds, which it refuses and why, what its settings are. Code is
named by entry points ("module:function") and imported only when it runs, so that `validate` and `--help`
import no cloud. A third party writes one against this file and runs `mlstack.testing` on it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from mlstack.errors import UsageError

if TYPE_CHECKING:  # L0 to L2 import no pulumi at run time
    import pulumi

    from mlstack.resource import Resource
    from mlstack.spec import Stack


class Settings(BaseModel):
    """Base of a provider's settings block (``settings.<provider>`` in the spec)."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Stackwide:
    """What a spec says for the whole stack; in a program without a spec, its Pulumi config does."""

    region: str | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)
    security: str = "standard"


@dataclass(frozen=True)
class Build:
    """What a builder is given: one resource of the spec, and its surroundings.

    ``parent`` is the component; every child takes ``opts()`` and a name from ``child()``. ``outputs``
    answers with the outputs of another resource of the same program, by collection key and name
    (``outputs("models", "digits")["uri"]``), as `pulumi.Output` values; ``spec_of`` with its spec.
    ``stackwide`` holds what the spec says for all resources at once. ``consumed`` says whether something
    in the program waits for this resource's outputs. ``warn(field, message)`` says that a field of this
    spec has no effect here: nothing is dropped in silence.
    """

    kind: str
    name: str
    spec: Any
    parent: pulumi.Resource
    stack_uid: str
    root: Path
    settings: Any
    outputs: Callable[[str, str], Mapping[str, Any]]
    spec_of: Callable[[str, str], Any]
    warn: Callable[[str, str], None]
    stackwide: Stackwide = field(default_factory=lambda: Stackwide())
    consumed: bool = True

    def child(self, *suffixes: str) -> str:
        """Logical name of a child: derived from this one, so that it is stable and readable."""
        return "-".join((self.name, *suffixes))

    def opts(self, **options: Any) -> pulumi.ResourceOptions:
        import pulumi

        return pulumi.ResourceOptions(parent=self.parent, **options)


Builder = Callable[[Build], Mapping[str, Any]]
"""Makes the children of one component and returns its outputs (see `OUTPUTS`)."""

OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("id",),
    "compute": ("id", "instance"),
    "environments": ("id", "image"),
    "data": ("id", "uri", "version"),
    "jobs": ("id", "status", "outputs"),
    "models": ("id", "version", "uri"),
    "endpoints": ("url", "id", "key", "deployments"),
    "monitors": ("id",),
    "notifications": ("id",),
    "pipelines": ("id",),
    "schedules": ("id",),
    "secrets": ("id",),
    "budget": ("id",),
}
"""The outputs that every provider's component of a kind has, no more and no fewer. One that does not
exist on a target is None there."""


@dataclass(frozen=True)
class Instance:
    """A machine that can be had. ``price`` is the list price in ``currency`` per hour, None when unknown."""

    name: str
    cpus: float
    memory_gib: float
    gpu: str | None = None
    gpus: int = 0
    price: float | None = None
    currency: str = "USD"
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a target offers, as data. ``sizes`` names the instance behind each size of the spec."""

    regions: tuple[str, ...] = ()
    instances: tuple[Instance, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)
    scales_to_zero: frozenset[str] = frozenset()
    spot: frozenset[str] = frozenset()
    default_auth: str = "identity"
    auths: frozenset[str] = frozenset()
    public_by_default: bool = True


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


@dataclass(frozen=True)
class Site:
    """Where a runtime works: the stack, its folder, its settings."""

    stack_uid: str
    root: Path
    settings: Any


class Provider(ABC):
    """A target. Subclass it, fill the tables, register it under the entry point "mlstack.providers"."""

    name: ClassVar[str]
    Settings: ClassVar[type[BaseModel]] = Settings
    #: Collection key of the spec -> "module:function" of its `Builder`.
    builders: ClassVar[Mapping[str, str]]
    #: Path in the spec (a collection key, a field path as in `mlstack explain`, or "path=value") -> reason
    #: with the way out. Each kind is in ``builders`` or here, never in both.
    unsupported: ClassVar[Mapping[str, str]]
    #: Fields that make no provider input, by design, and why: they act elsewhere (in the gateway, at
    #: validation), or have no meaning on this target without harm.
    no_input: ClassVar[Mapping[str, str]] = {}
    #: Whether builders merge a spec's ``native.<name>`` block into the provider resources' inputs.
    native: ClassVar[bool] = False
    #: Type token of a gap resource -> "module:Class" of its `mlstack.resource.Resource`.
    resources: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def capabilities(self) -> Capabilities: ...

    @abstractmethod
    def runtime(self, site: Site) -> Runtime: ...

    def validate(self, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
        """Further refusals that depend on values: (path in the spec, message, remedy)."""
        yield from ()

    def builder(self, kind: str) -> Builder:
        builder: Builder = resolve_name(self.builders[kind])
        return builder

    def resource(self, token: str) -> Resource[Any]:
        if token not in self.resources:
            raise UsageError(
                f"the {self.name} provider has no resource of type {token!r}", code="unknown-type"
            )
        resource: Resource[Any] = resolve_name(self.resources[token])()
        return resource
