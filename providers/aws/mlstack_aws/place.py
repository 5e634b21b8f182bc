"""What all builders need to know of the bucket, the role and the network that their resources share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlstack.provider import Build
from mlstack.spec.kinds import SINGLE
from mlstack_aws import region as usual

if TYPE_CHECKING:
    import pulumi

_KEY = "aws.place"


@dataclass(frozen=True)
class Network:
    """Where models and jobs run that are not to be reached from the internet."""

    subnets: Sequence[Any]
    security_groups: Sequence[Any]


@dataclass(frozen=True)
class Place:
    """The workspace and what is around it. Values may be Outputs.

    ``uri`` is the stack's own folder of the bucket, without a slash at its end. ``role`` is the ARN of the
    execution role; ``role_name`` its name where it is the stack's own and may be given more rights, else
    None. ``key`` is the ARN of a KMS key of the user's own, ``network`` None where all is public.
    ``resources`` are what a child has to wait for beyond what its inputs say (policies, settings).
    ``owner`` is the workspace's build: what is made only when it is needed goes below its component.
    """

    owner: Build
    region: str
    account: pulumi.Input[str]
    bucket: pulumi.Input[str]
    uri: pulumi.Input[str]
    role: pulumi.Input[str]
    role_name: pulumi.Input[str] | None = None
    key: pulumi.Input[str] | None = None
    network: Network | None = None
    resources: tuple[Any, ...] = field(default_factory=tuple)


def settle(build: Build, place: Place) -> None:
    """Said by the workspace's builder, once."""
    build.shared[_KEY] = place


def place(build: Build) -> Place:
    """The workspace of this program; the usual one is made where there is none."""
    build.outputs("workspace", SINGLE)
    found: Place = build.shared[_KEY]
    return found


def region(build: Build) -> str:
    """The region: of the spec, of the AWS SDKs' variables, of pulumi-aws's config; else the usual one."""
    import pulumi

    return build.stackwide.region or usual.usual(lambda _key: pulumi.Config("aws").get("region"))
