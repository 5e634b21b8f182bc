"""What an online endpoint's builder leaves for monitors, which are about it by its names on AWS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlstack.provider import Build

if TYPE_CHECKING:
    import pulumi


@dataclass
class Served:
    """``endpoint`` is its name on AWS. ``variants``: names of variants by deployment of the spec; where the
    endpoint has inference components, ``components`` has theirs. ``captures`` is the folder on S3 (no slash
    at its end) that requests are captured in, None where none are. ``resources``: what has to be there before
    the endpoint serves what the spec says. ``owner`` is the endpoint's build: what monitors share goes below
    its component."""

    endpoint: str
    variants: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    components: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    captures: pulumi.Input[str] | None = None
    resources: Sequence[Any] = ()
    owner: Build | None = None


def leave(build: Build, served: Served) -> None:
    served.owner = build
    build.shared[_key(build.name)] = served


def served(build: Build, endpoint: str) -> Served:
    build.outputs("endpoints", endpoint)  # an error with its remedy, where there is none
    found: Served = build.shared[_key(endpoint)]
    return found


def _key(endpoint: str) -> str:
    return f"aws.endpoint.{endpoint}"
