"""A model as Vertex AI's registry has it: files in the bucket with the container that serves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_gcp.names import labels, physical
from mlstack_gcp.place import place

TOKEN = "mlstack:gcp:Model"  # noqa: S105  a type
_MODELS = "gcp.models"


@dataclass(frozen=True)
class Container:
    """What serves a model. Vertex AI starts it with AIP_HTTP_PORT, AIP_HEALTH_ROUTE, AIP_PREDICT_ROUTE and
    AIP_STORAGE_URI. Without ``command`` and ``args``: the image's own. Values of ``env`` may be Outputs, and
    are no secrets. ``timeout``: seconds within which it has to be there. ``invoke`` ("/*"): all of its paths
    are passed on, and it has no one route for predictions. ``probes``: by the field of ModelContainerSpec
    ("health_probe"), the message Probe in snake_case."""

    image: Any
    predict: str = "/predict"
    health: str = "/health"
    port: int = 8080
    command: Sequence[Any] = ()
    args: Sequence[Any] = ()
    env: Mapping[str, Any] = field(default_factory=dict)
    timeout: int | None = None
    invoke: str | None = None
    shared_memory_mb: int | None = None
    probes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def inputs(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "image": self.image,
            "health": self.health,
            "port": self.port,
            "command": list(self.command),
            "args": list(self.args),
            "env": dict(self.env),
        }
        more = {
            "timeout": self.timeout,
            **({"predict": self.predict} if self.invoke is None else {"invoke": self.invoke}),
            "shared_memory_mb": self.shared_memory_mb,
            "probes": {name: dict(probe) for name, probe in self.probes.items()} or None,
        }
        return {**found, **{name: value for name, value in more.items() if value is not None}}


@dataclass(frozen=True)
class Registered:
    """``id``: ``projects/…/models/ID@VERSION``, as it is deployed; ``name`` the same without the version."""

    id: pulumi.Output[str]
    name: pulumi.Output[str]
    resource: GapResource | None


def register(
    build: Build, *suffixes: str, container: Container, uri: Any = None, model: str | None = None
) -> Registered:
    """A version in Vertex AI's registry, made below the caller's component and gone with it.

    ``model`` is a name of the spec's: all that is registered of it are versions of one model; without one it
    is a model of the caller's own. ``uri``: ``gs://`` folder of its files, None where the container has them.
    """
    here = place(build)
    owner = build.shared.get(_MODELS, {}).get(model, build) if model is not None else build
    own = () if owner is not build else suffixes
    inputs: dict[str, Any] = {
        "stack_uid": build.stack_uid,
        "home": "/".join((build.kind, build.name, *suffixes)),
        "project": here.project,
        "location": here.region,
        "model_id": physical(owner, *own, longest=63),
        "display_name": "-".join((owner.name, *own)),
        "container": container.inputs(),
        "labels": labels(owner),
    }
    if uri is not None:
        inputs["uri"] = uri
    if here.key is not None:
        inputs["key"] = here.key
    made = GapResource(
        TOKEN,
        build.child(*suffixes, "model"),
        inputs,
        ("name", "version"),
        build.opts(depends_on=list(here.resources)),
    )
    return Registered(made.id, made.output("name"), made)


def existing(id: pulumi.Input[str]) -> Registered:
    """One that is in a registry already: used as it is."""
    found: pulumi.Output[str] = pulumi.Output.from_input(id)
    return Registered(found, found.apply(lambda text: text.partition("@")[0]), None)


def leave(build: Build) -> None:
    """Said by the builder of a model of the spec."""
    build.shared.setdefault(_MODELS, {})[build.name] = build
