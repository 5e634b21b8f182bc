"""What all builders need to know of where their resources live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlstack.provider import Build
from mlstack.spec.kinds import SINGLE

if TYPE_CHECKING:
    import pulumi

_KEY = "gcp.place"


@dataclass(frozen=True)
class Place:
    """The stack's own part of a project. Values may be Outputs.

    ``region`` is known; ``uri`` is ``gs://BUCKET``, without a slash at its end. ``role`` is the e-mail of the
    service account that jobs and models run as. ``key``: name of the KMS key that data is encrypted with
    (``projects/…/cryptoKeys/…``). ``network``: ``projects/NUMBER/global/networks/NAME``, peered with Google's
    services; None where the stack is public. ``resources`` are what a child has to wait for beyond what its
    inputs say: services that are switched on, rights, the peering. ``workspace`` is the build of the
    workspace: what is made for all goes below it.
    """

    project: pulumi.Input[str]
    region: str
    bucket: pulumi.Input[str]
    uri: pulumi.Input[str]
    role: pulumi.Input[str]
    workspace: Build
    key: pulumi.Input[str] | None = None
    network: pulumi.Input[str] | None = None
    private: bool = False
    existing: bool = False
    resources: tuple[Any, ...] = field(default_factory=tuple)


def settle(build: Build, place: Place) -> None:
    """Said by the workspace's builder, once."""
    build.shared[_KEY] = place


def place(build: Build) -> Place:
    """The workspace of this program; the usual one is made where there is none."""
    build.outputs("workspace", SINGLE)
    found: Place = build.shared[_KEY]
    return found
