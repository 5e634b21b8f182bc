"""The contract of a provider: all that a target declares. The calls that are no resources are in `runtime`.

A provider is data first: which kinds it builds, which it refuses and why, what its settings are. Code is
named by entry points ("module:function") and imported only when it runs, so that `validate` and `--help`
import no cloud. A third party writes one against this file and runs `mlstack.testing` on it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from mlstack.errors import Problem, SpecError, UsageError
from mlstack.placement.choices import Choices
from mlstack.runtime import Runtime, Site

if TYPE_CHECKING:  # L0 to L2 import no pulumi at run time
    import pulumi

    from mlstack.native import Passthrough
    from mlstack.placement.used import Used
    from mlstack.resource import Resource
    from mlstack.spec import Stack
    from mlstack.spec.machine import Machine

Made = TypeVar("Made", bound="pulumi.CustomResource")

STACK_TAG = "mlstack-stack"
"""The tag, or label, with the stack's uid that builders put on whatever can carry one: what does not carry it
is not adopted by recovery."""


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
    spec has no effect here: nothing is dropped in silence. ``shared`` is where the builders of one program
    leave for each other what is no output (the workspace's storage account). ``choices`` are those that the
    stack keeps. ``note(field, message)`` is shown by previews, and no matter of concern.
    ``use`` is told of the machines that this piece runs on: the cost in previews is made of them.
    ``native`` is what `make` merges of the spec's ``native`` block. ``place`` is where in the spec this
    piece is, and ``locate`` tells file, line and column of a place. ``stack`` is the whole spec, for what a
    piece takes from those that come after it; None in a program that makes its components one by one.
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
    shared: MutableMapping[str, Any] = field(default_factory=dict)
    choices: Choices = field(default_factory=lambda: Choices())
    note: Callable[[str, str], None] = lambda _field, _message: None
    use: Callable[[Used], None] = lambda _used: None
    capabilities: Capabilities = field(default_factory=lambda: Capabilities())
    native: Passthrough | None = None
    place: tuple[str | int, ...] = ()
    locate: Callable[[tuple[str | int, ...]], tuple[str | None, int | None, int | None]] = lambda _place: (
        None,
        None,
        None,
    )
    stack: Stack | None = None

    def wrong(self, field: str, message: str, remedy: str, *, code: str = "unsupported") -> SpecError:
        """The error to raise for a field of this piece (a path below it) that only the builder can judge."""
        path = (*(self.place or (self.kind, self.name)), *field.split("."))
        text = ".".join(str(step) for step in path)
        return SpecError([Problem(code, message, text, *self.locate(path), remedy)])

    def child(self, *suffixes: str) -> str:
        """Logical name of a child: derived from this one, so that it is stable and readable."""
        return "-".join((self.name, *suffixes))

    def opts(self, **options: Any) -> pulumi.ResourceOptions:
        import pulumi

        return pulumi.ResourceOptions(parent=self.parent, **options)

    def make(
        self,
        cls: type[Made],
        *suffixes: str,
        main: bool = False,
        options: Mapping[str, Any] | None = None,
        **args: Any,
    ) -> Made:
        """A child of a cloud's Pulumi package, with what the spec's ``native`` block says of it merged in.

        ``args`` are the SDK's own arguments, typed classes below the top. ``main``: the resource that a
        ``native`` block without a type means. ``options``: more for `pulumi.ResourceOptions`.
        """
        from mlstack.native import make

        return make(self, cls, suffixes, args, main, options or {})

    def pinned(self, key: str, choose: Callable[[], str]) -> str:
        """The choice that the stack keeps under the key; where it has none, or all are made anew, what
        ``choose`` says, which is then kept."""
        return self.choices.pinned(key, choose)

    def instance(self, machine: Machine, *where: str, least: int | None = None) -> Any:
        """The target's name of the machine that a piece of this spec asks for; ``where`` is its place in the
        spec, for the choice that is kept. ``least``: how many there are when nothing runs, where the target
        keeps another number than the spec says."""
        from mlstack.placement.machine import place
        from mlstack.placement.used import count, used

        found = place(self, machine, where)
        few, many = count(machine, self.spec)
        spot = bool(getattr(machine, "spot", False))
        self.use(used(self, found, where, few if least is None else least, many, spot=spot))
        return found

    def uses(self, instance: str, field: str, count: tuple[int, int]) -> None:
        """Say that it runs on machines that the spec does not ask for by itself: how many, least and most."""
        from mlstack.placement.used import used

        self.use(used(self, instance, (field,), *count))


Builder = Callable[[Build], Mapping[str, Any]]
"""Makes the children of one component and returns its outputs (see `OUTPUTS`)."""

Config = Callable[[str], str | None]
"""What the stack's Pulumi config holds under a key with its namespace; None: nothing."""

OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "workspace": ("id",),
    "compute": ("id", "instance", "kubeconfig"),
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
class Price:
    """A list price per hour, who says so, and since when."""

    amount: float
    currency: str = "USD"
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class Instance:
    """A machine that can be had. ``prices`` are list prices by region; ``price`` is the one of the region
    that is looked at (`Capabilities.at`), None when unknown. ``disk_gib`` None: it is not known."""

    name: str
    cpus: float
    memory_gib: float
    gpu: str | None = None
    gpus: int = 0
    price: float | None = None
    currency: str = "USD"
    source: str = ""
    as_of: str = ""
    disk_gib: float | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Capabilities:
    """What a target offers, as data. ``sizes`` names the instance behind each size of the spec, ``no_size``
    says of the others why there is none, and the way out. ``region`` is the one whose prices are told.
    ``volumes``: a disk is a volume beside the machine, of the size that is asked for, so that no machine is
    too small in this."""

    regions: tuple[str, ...] = ()
    instances: tuple[Instance, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)
    no_size: Mapping[str, str] = field(default_factory=dict)
    scales_to_zero: frozenset[str] = frozenset()
    spot: frozenset[str] = frozenset()
    default_auth: str = "identity"
    auths: frozenset[str] = frozenset()
    public_by_default: bool = True
    volumes: bool = False
    region: str | None = None

    def at(self, region: str | None) -> Capabilities:
        """The same with the prices of a region; where it is None, or has none, prices are unknown."""
        return replace(self, instances=tuple(_priced(each, region) for each in self.instances), region=region)


def _priced(instance: Instance, region: str | None) -> Instance:
    if not instance.prices:
        return instance
    found = instance.prices.get(region or "")
    if found is None:
        return replace(instance, price=None)
    return replace(
        instance, price=found.amount, currency=found.currency, source=found.source, as_of=found.as_of
    )


@dataclass(frozen=True)
class Way:
    """How a field is given where a target takes it, if what `mlstack.testing` would try by itself is refused.

    ``when`` says it in words, for the page of support. ``beside`` is laid over the suite's sample stack,
    whose resources are all called "one"; ``value`` is given to the field, None: the suite makes one.
    """

    when: str
    beside: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None


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
    #: Path of a field, or of what holds it -> how it is given here; see `Way`.
    ways: ClassVar[Mapping[str, Way]] = {}
    #: Whether builders merge a spec's ``native.<name>`` block into the provider resources' inputs.
    native: ClassVar[bool] = False
    #: Whether those inputs are manifests: the block then has the words of their API, and not the SDK's.
    manifests: ClassVar[bool] = False
    #: Type token of a gap resource -> "module:Class" of its `mlstack.resource.Resource`.
    resources: ClassVar[Mapping[str, str]] = {}
    #: Type tokens of children that cannot be made again as they were: their address, key, or content is lost.
    #: To replace one, or to delete it while its component stays, wants the stack's name. None: each child of
    #: a kind that is stateful (`mlstack.spec.kinds.Kind`) is taken for one.
    stateful: ClassVar[frozenset[str] | None] = None
    #: Whether `mlstack invoke` can ask its endpoints from where it is run.
    invokes: ClassVar[bool] = True
    #: "module:Class" of the `mlstack.rehearsal.Emulation` of its cloud; None where nothing needs rehearsing.
    emulation: ClassVar[str | None] = None

    def region(self, stack: Stack | None, config: Config) -> str | None:
        """The region of a stack that names none, as far as it is known before the program runs: by the
        cloud's own variables and its package's config, or the usual one."""
        return None

    def environment(self, settings: Any) -> Mapping[str, str]:
        """Variables by which the cloud's own Pulumi package learns what the settings say (the account)."""
        return {}

    @abstractmethod
    def capabilities(self) -> Capabilities: ...

    @abstractmethod
    def runtime(self, site: Site) -> Runtime: ...

    def validate(self, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], str, str | None]]:
        """Further refusals that depend on values: (path in the spec, message, remedy)."""
        yield from ()

    def identify(
        self, token: str, inputs: Mapping[str, Any], account: Mapping[str, str], ids: Collection[str]
    ) -> str | None:
        """The id that the cloud gives to a resource of its Pulumi package that is made with these inputs.
        Where the cloud chooses it, it is asked for one that fits and is not among ``ids``, if there is one.
        None: it cannot be known (its name is made up, or the type is none of the builders').

        Recovery looks there for what a run made and never heard of. ``account``: the environment of the
        engine, and the settings of the package itself as "package:key"; ``ids`` those of the stack's other
        resources, which may tell the account where neither does.
        """
        return None

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
