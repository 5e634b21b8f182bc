"""What a target's emulated cloud is: the contract between a target and the rehearsal.

The rehearsal owns the engine's protocol (secrets, unknown values, property diffs), the store, the checks
against the SDK's own types, latencies and faults. A target says what its cloud would do: which inputs it
refuses, which changes it makes in place, what it answers. Inputs and outputs are plain Python values with the
wire's names (camelCase), secrets in clear.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from mlstack.rehearsal.world import Document, World
from mlstack.resource import UNKNOWN

Operation = Literal["check", "create", "read", "update", "delete", "invoke"]
Properties = Mapping[str, Any]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

__all__ = ["UNKNOWN", "Change", "CloudFault", "Emulation", "Kept", "Made", "Properties", "Refusal", "Wsgi"]


class CloudFault(Exception):  # noqa: N818 - reads as what happened
    """The cloud refuses an operation, as its REST interface would: HTTP status, code, message.

    ``partial`` is what exists all the same (a create that failed half-way).
    """

    def __init__(self, status: int, code: str, message: str, *, partial: Made | None = None) -> None:
        super().__init__(f'Status={status} Code="{code}" Message="{message}"')
        self.status = status
        self.code = code
        self.message = message
        self.partial = partial


@dataclass(frozen=True)
class Refusal:
    """An input that the platform would not take. ``path`` as on the wire ("properties.instanceType").

    ``source`` says where the platform says so: a page of its reference, or a client library's code.
    """

    path: str
    message: str
    source: str


@dataclass(frozen=True)
class Made:
    """What a create, read or update leaves: the physical id, the inputs as read back, the outputs."""

    id: str
    inputs: Properties
    outputs: Properties


@dataclass(frozen=True)
class Change:
    """How the platform takes changes of a type. ``replace_on`` are property paths, a whole subtree each
    ("location", "properties.authMode"). ``delete_before_replace``: the name is taken until the old one is
    gone. ``names`` are the top-level properties that make the name: where one of them is among what changes,
    old and new can be there at once."""

    replace_on: frozenset[str] = field(default_factory=frozenset)
    delete_before_replace: bool = False
    names: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Asked:
    """A request to the REST interface: the operations that it may mean (create, read, update, delete,
    invoke), the name of what it is about, and where that is."""

    operations: tuple[Operation, ...]
    name: str
    path: str


#: What a method may mean. A PUT makes or changes: which of both, only the cloud can tell.
_OPERATIONS: Mapping[str, tuple[Operation, ...]] = {
    "GET": ("read",),
    "HEAD": ("read",),
    "PUT": ("create", "update"),
    "PATCH": ("update",),
    "POST": ("invoke",),
    "DELETE": ("delete",),
}


@dataclass(frozen=True)
class Kept:
    """What `down` leaves behind on the platform, and why ("soft-deleted for 14 days")."""

    id: str
    why: str


class Emulation(ABC):
    """One emulated cloud over one `World`. Calls come from several threads at once."""

    #: Pulumi packages that it stands for ("azure-native").
    packages: ClassVar[tuple[str, ...]]
    #: Outputs that no update changes ("name"): a preview of an update keeps them.
    stable: ClassVar[frozenset[str]] = frozenset()
    #: Settings of the packages whose change makes everything anew, because they say where it is.
    replace_on_config: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World, settings: Any, region: str | None) -> None:
        self.world = world
        self.settings = settings
        self.region = region

    def check(self, token: str, inputs: Properties, *, known: bool) -> Iterable[Refusal]:
        """What of the inputs the platform refuses. Unknown values are `UNKNOWN`; ``known``: there are none.

        Comes after the check against the SDK's types.
        """
        return ()

    def name_property(self, token: str) -> str | None:
        """The property that holds the physical name, where the provider makes one up ("endpointName")."""
        return None

    @abstractmethod
    def change(self, token: str) -> Change: ...

    @abstractmethod
    def promise(self, token: str, inputs: Properties) -> Properties:
        """Outputs that a preview shows for a create or an update: inputs echoed, `UNKNOWN` for what only the
        apply can tell, nested ones too."""

    @abstractmethod
    def create(self, token: str, inputs: Properties) -> Made: ...

    @abstractmethod
    def read(self, token: str, id: str, inputs: Properties) -> Made | None:
        """None when it is gone. ``inputs`` are empty for an import."""

    @abstractmethod
    def update(self, token: str, id: str, old: Properties, new: Properties) -> Made: ...

    @abstractmethod
    def delete(self, token: str, id: str, inputs: Properties) -> None: ...

    @abstractmethod
    def invoke(self, token: str, arguments: Properties) -> Properties:
        """A function of the Pulumi package. CloudFault: it has no answer."""

    @abstractmethod
    def app(self) -> Wsgi:
        """The cloud's REST interface (control plane, storage) over the same world."""

    def environment(self) -> Mapping[str, str]:
        """Variables of an account, for SDKs and clients that insist on one; set where the user has none."""
        return {}

    # What `mlstack rehearsal` shows and changes: not all of it need be in the world's documents.

    def documents(self) -> Iterable[Document]:
        """All that is there, by id."""
        return self.world.under()

    def put_document(self, id: str, kind: str, body: Properties) -> None:
        """Have a document there as somebody has changed it, without a check."""
        self.world.put(id, kind, body)

    def remove_document(self, id: str) -> list[str]:
        """Remove a document with all that is below it; their ids."""
        gone = [id, *(below for below, _, _ in self.world.under(f"{id}/"))]
        for each in gone:
            self.world.remove(each)
        return gone

    def told(self, fault: CloudFault) -> CloudFault:
        """A fault that the rehearsal injects, with the status and code that this cloud has for it."""
        return fault

    def words(self, fault: CloudFault) -> str:
        """The text of a failure, as the cloud's own Pulumi package words it."""
        return str(fault)

    def asked(self, environ: Mapping[str, Any]) -> Asked:
        """What a request to the REST interface asks for, by which rules of faults find it."""
        path = str(environ["PATH_INFO"])
        operations = _OPERATIONS.get(environ["REQUEST_METHOD"], ())
        return Asked(operations, path.rstrip("/").rpartition("/")[2], path)

    def error_body(self, status: int, code: str, message: str) -> bytes:
        """What the REST interface answers when it refuses a call."""
        return json.dumps({"error": {"code": code, "message": message}}).encode()

    @abstractmethod
    def seed(self, existing: Iterable[tuple[str, Properties]]) -> None:
        """Have there what the spec uses and does not make: each resource's kind and fields (`existing`, ids
        of others' things). Safe to repeat."""

    @abstractmethod
    def leftovers(self) -> Iterable[Kept]:
        """All that is there and was not seeded, each with the reason where the platform keeps it."""
