"""What all builders need to know of where their objects live, and how they make them there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from mlstack.provider import Build
from mlstack.spec.kinds import SINGLE
from mlstack_kubernetes.names import labels

if TYPE_CHECKING:
    import pulumi

    Made = TypeVar("Made", bound=pulumi.CustomResource)

_KEY = "kubernetes.place"
#: Has pulumi-kubernetes go on without looking whether an object is ready.
NOT_AWAITED = {"pulumi.com/skipAwait": "true"}


@dataclass(frozen=True)
class Place:
    """The stack's own part of a cluster. Values may be Outputs.

    ``provider`` speaks to the cluster. ``account`` is the name of
    the ServiceAccount that pods run as, ``claim`` that of the PersistentVolumeClaim with environments and
    what jobs put out. ``resources`` are what every object in the namespace waits for. ``workspace`` is the
    build of the workspace: what is made for all goes below it.
    """

    provider: pulumi.ProviderResource
    namespace: pulumi.Input[str]
    account: pulumi.Input[str]
    claim: pulumi.Input[str]
    workspace: Build
    resources: tuple[Any, ...] = field(default_factory=tuple)

    @property
    def options(self) -> dict[str, Any]:
        """Options of every object."""
        return {"provider": self.provider, "depends_on": list(self.resources)}


def settle(build: Build, place: Place) -> None:
    """Said by the workspace's builder, once."""
    build.shared[_KEY] = place


def place(build: Build) -> Place:
    """The workspace of this program; the usual one is made where there is none."""
    if build.kind != "workspace":
        build.outputs("workspace", SINGLE)
    found: Place = build.shared[_KEY]
    return found


def make(
    build: Build,
    cls: type[Made],
    *suffixes: str,
    name: Any,
    main: bool = False,
    annotations: Mapping[str, Any] | None = None,
    more_labels: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    **manifest: Any,
) -> Made:
    """An object in the stack's namespace, with its labels. ``manifest`` is in the words of the API."""
    here = place(build)
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": here.namespace,
        "labels": {**labels(build), **(more_labels or {})},
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    held = {**here.options, **(options or {})}
    return build.make(cls, *suffixes, main=main, options=held, metadata=metadata, **manifest)


def named(made: Any) -> pulumi.Output[str]:
    """The name of an object, for those who have to wait for it."""

    def of(metadata: Any) -> str:
        # a custom resource's metadata is a mapping, a class of the SDK of all others
        return str(metadata["name"] if isinstance(metadata, Mapping) else metadata.name)

    name: pulumi.Output[str] = made.metadata.apply(of)
    return name
