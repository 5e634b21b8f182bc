"""The identity that jobs and deployments run as, and the few rights that it has.

Source of the roles: Azure built-in roles, https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.provider import Build
from mlstack_azure.account import last, segment
from mlstack_azure.names import guid, physical, tags

if TYPE_CHECKING:
    from pulumi_azure_native.authorization import RoleAssignment

#: Built-in role -> id of its definition, the same in every directory.
ROLES = {
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Key Vault Crypto Service Encryption User": "e147488a-f6f5-4113-8e2d-b22465e65bf6",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
}


@dataclass(frozen=True)
class Identity:
    """A user-assigned identity: resource id, client id, principal id."""

    id: pulumi.Input[str]
    client_id: pulumi.Input[str]
    principal_id: pulumi.Input[str]


def made(build: Build, resource_group: pulumi.Input[str], location: str) -> Identity:
    """One for the stack's work alone."""
    from pulumi_azure_native import managedidentity

    identity = build.make(
        managedidentity.UserAssignedIdentity,
        "identity",
        resource_name_=physical(build, "identity", longest=128, generation=location),
        resource_group_name=resource_group,
        location=location,
        tags=tags(build),
    )
    return Identity(identity.id, identity.client_id, identity.principal_id)


def given(id: Any) -> Identity:
    """One that is there, by its ARM id."""
    from pulumi_azure_native import managedidentity

    found = managedidentity.get_user_assigned_identity_output(
        resource_group_name=segment(id, "resourceGroups"), resource_name=last(id)
    )
    return Identity(
        id,
        found.apply(lambda identity: identity.client_id),
        found.apply(lambda identity: identity.principal_id),
    )


def alone(id: pulumi.Input[str]) -> pulumi.Output[list[str]]:
    """A list of the one identity, unknown as a whole while the id is: it is read back as a map, and a list
    with something unknown in it is none."""
    return pulumi.Output.from_input(id).apply(lambda known: [known])


def grant(build: Build, identity: Identity, role: str, what: str, scope: pulumi.Input[str]) -> RoleAssignment:
    """Let the identity do what the role says, within ``scope`` alone. ``what``: the scope's name here.

    The name is a UUID of stack and scope, so that a repeated create finds itself; the principal's type spares
    the wait until the directory knows a new identity.
    """
    from pulumi_azure_native import authorization

    words = role.lower().replace(" ", "-")
    return build.make(
        authorization.RoleAssignment,
        what,
        words,
        options={"delete_before_replace": True},
        role_assignment_name=guid(build, what, role),
        scope=scope,
        principal_id=identity.principal_id,
        principal_type="ServicePrincipal",
        role_definition_id=pulumi.Output.from_input(scope).apply(lambda id: _definition(id, role)),
    )


def _definition(scope: str, role: str) -> str:
    """The role's id as Azure reads it back: in the subscription of the scope."""
    subscription = "/".join(scope.split("/")[:3])
    return f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
