"""The contract of a gap resource: what a cloud's Pulumi package lacks, done by our own provider.

A gap resource is a class with a typed input model and the verbs of a Pulumi provider. It speaks plain
Python; the wire (gRPC, secrets, unknown values, property paths) is `mlstack.plugin`'s business. Verbs must
be *idempotent*: a run may be killed at any point, and the next one calls the same verb with the same
inputs. So a physical name derives from the inputs alone, and ``create`` finds what an earlier, killed
``create`` left behind.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Properties = Mapping[str, Any]


class Inputs(BaseModel):
    """Base of a gap resource's inputs. Names are snake_case on the wire too."""

    model_config = ConfigDict(extra="forbid")


I = TypeVar("I", bound=Inputs)  # noqa: E741


@dataclass(frozen=True)
class Context:
    """What a verb may know of the run around it.

    ``root`` is the folder of the spec: relative paths of inputs and outputs start there, so that a state
    file holds no absolute path. ``log`` shows one line beside the resource while it is being worked on.
    """

    root: Path
    urn: str
    name: str
    cancelled: threading.Event = field(default_factory=threading.Event)
    log: Callable[[str], None] = lambda _line: None


@dataclass(frozen=True)
class State:
    """A resource as it really is: its physical id, the inputs that would make it, what it put out."""

    id: str
    inputs: Properties
    outputs: Properties


class Unknown:
    """Stands, in a preview, for a value that only the apply can tell. Use the one instance, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class ResourceFailed(Exception):  # noqa: N818 - reads as what happened
    """A verb failed. ``category`` as in `mlstack.errors`; ``remedy`` says what to do.

    With ``partial`` the resource exists, but is not what was asked for: it is recorded, and the next
    ``up`` updates it. Without, nothing is recorded and the next ``up`` tries again.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        category: str = "user",
        partial: State | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.category = category
        self.partial = partial


class InputProblem(Exception):  # noqa: N818
    """``check`` refused an input. ``path`` is a property path such as ``inputs.data.uri``."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class Resource(ABC, Generic[I]):
    """One type of gap resource. Stateless: an instance serves every resource of its type at once."""

    Inputs: ClassVar[type[Inputs]]
    #: Inputs whose change makes a new resource in place of the old one.
    replace_on: ClassVar[frozenset[str]] = frozenset()
    #: Delete the old one first (both would fight for one name or port).
    delete_before_replace: ClassVar[bool] = False
    #: Outputs that are encrypted in the state and never shown.
    secret_outputs: ClassVar[frozenset[str]] = frozenset()
    #: Read what is really there before every preview and up, not only on `refresh`: for resources that
    #: can die by themselves and are cheap to look at.
    read_always: ClassVar[bool] = False

    def check(self, context: Context, inputs: I) -> None:
        """Refuse inputs that the types alone cannot judge (raise `InputProblem`). Runs in previews too."""

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        """Outputs that are certain before the apply; ``UNKNOWN`` for the others, nested ones too.

        ``inputs`` may hold ``UNKNOWN`` values; ``old`` is None for a create. Left out, every output that
        ``create`` would add is unknown to the program while it is previewed.
        """
        return {}

    @abstractmethod
    def create(self, context: Context, inputs: I) -> State:
        """Bring it about, or adopt what an interrupted ``create`` of the same inputs left."""

    @abstractmethod
    def read(self, context: Context, state: State) -> State | None:
        """What is really there now; None when it is gone. Also serves ``import`` (with empty inputs)."""

    def update(self, context: Context, state: State, inputs: I) -> Properties:
        """Change it in place and return the new outputs. By default: what ``create`` makes of it."""
        return self.create(context, inputs).outputs

    @abstractmethod
    def delete(self, context: Context, state: State) -> None:
        """Remove it. No error when it is gone already."""

    @abstractmethod
    def find(self, context: Context, inputs: Properties) -> State | None:
        """What a killed ``create`` with these inputs left, complete or not; None for nothing."""
