"""Managed identities on any resource that may have them."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import AML, LEARN, REST, Problem, View, rule

_ML = "machinelearningservices:"
BEARERS = tuple(
    _ML + name
    for name in (
        "Workspace",
        "Registry",
        "Compute",
        "OnlineEndpoint",
        "BatchEndpoint",
    )
)
_TYPES = ("None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned")
_SOURCE = REST + "azureml/workspaces/create-or-update: ManagedServiceIdentity"


def _type(x: View) -> str | None:
    value = x["identity.type"]
    return value.replace(" ", "").lower() if isinstance(value, str) else None


@rule("identity-type", *BEARERS, source=_SOURCE)
def identity_type(x: View) -> Iterator[Problem]:
    value = _type(x)
    if value is not None and value not in {one.lower() for one in _TYPES}:
        yield "identity.type", f"{x['identity.type']!r} is not one of {'; '.join(_TYPES)}"


@rule("identity-ids", *BEARERS, source=_SOURCE)
def identity_ids(x: View) -> Iterator[Problem]:
    """Ids go with user-assigned identities, and only with those."""
    value = _type(x)
    if value is None:
        return
    there = not x.missing("identity.userAssignedIdentities")
    if "userassigned" in value.split(",") and not there:
        yield "identity.userAssignedIdentities", "an identity of this type names the identities to use"
    if "userassigned" not in value.split(",") and there and x["identity.userAssignedIdentities"]:
        yield (
            "identity.userAssignedIdentities",
            f"identities are named, but the type is {x['identity.type']!r}",
        )


@rule("identity-id-form", *BEARERS, source=_SOURCE)
def identity_id_form(x: View) -> Iterator[Problem]:
    ids = x["identity.userAssignedIdentities"]
    for one in ids if isinstance(ids, (list, tuple)) else ():
        if (
            isinstance(one, str)
            and "/providers/microsoft.managedidentity/userassignedidentities/" not in one.lower()
        ):
            yield "identity.userAssignedIdentities", f"{one!r} is no id of a user-assigned identity"


@rule(
    "endpoint-one-identity",
    _ML + "OnlineEndpoint",
    source=LEARN
    + "reference-yaml-endpoint-online: identity; "
    + AML
    + "entities/_credentials.py, _to_online_endpoint_rest_object",
)
def endpoint_one_identity(x: View) -> Iterator[Problem]:
    """An endpoint has the system's identity or a user's, not both."""
    if _type(x) == "systemassigned,userassigned":
        yield (
            "identity.type",
            "an online endpoint has a system-assigned or a user-assigned identity, not both",
        )


@rule(
    "workspace-primary-identity",
    _ML + "Workspace",
    source=LEARN + "how-to-identity-based-service-authentication: primary_user_assigned_identity",
)
def primary_identity(x: View) -> Iterator[Problem]:
    """A workspace with a user's identity alone says which one is its own."""
    if _type(x) == "userassigned" and x.missing("primaryUserAssignedIdentity"):
        yield "primaryUserAssignedIdentity", "needed when the workspace has user-assigned identities alone"
