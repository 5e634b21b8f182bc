"""What all builders need to know of the workspace that their resources live in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlstack.provider import Build
from mlstack.spec.kinds import SINGLE

if TYPE_CHECKING:
    import pulumi

_KEY = "azure.place"


@dataclass(frozen=True)
class Place:
    """The workspace and what is around it. Values may be Outputs.

    ``identity`` is the user-assigned identity that jobs and deployments run as: resource id, client id and
    principal id are None where the workspace exists already and names none. ``private``: nothing of it can be
    reached from the internet. ``existing``: the workspace is not the stack's own. ``resources`` are what a
    child has to wait for beyond what its inputs say (role assignments, private endpoints).
    """

    resource_group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    workspace_id: pulumi.Input[str]
    location: pulumi.Input[str]
    storage_account: pulumi.Input[str] | None = None
    storage_account_id: pulumi.Input[str] | None = None
    key_vault: pulumi.Input[str] | None = None
    key_vault_id: pulumi.Input[str] | None = None
    registry_id: pulumi.Input[str] | None = None
    application_insights_id: pulumi.Input[str] | None = None
    log_workspace_id: pulumi.Input[str] | None = None
    identity_id: pulumi.Input[str] | None = None
    identity_client_id: pulumi.Input[str] | None = None
    identity_principal_id: pulumi.Input[str] | None = None
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
