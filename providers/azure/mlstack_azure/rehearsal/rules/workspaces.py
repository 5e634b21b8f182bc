"""Workspaces, registries, connections, the managed network."""

from __future__ import annotations

from collections.abc import Iterator

from mlstack_azure.rehearsal.rules.base import LEARN, REST, Problem, View, one_of, rule

_WORKSPACE = "machinelearningservices:Workspace"
_REST = REST + "azureml/workspaces/create-or-update"
_CONNECTION = "machinelearningservices:WorkspaceConnection"
_RULE = "machinelearningservices:ManagedNetworkSettingsRule"

one_of(
    "workspace-kind",
    _WORKSPACE,
    "kind",
    ("Default", "Hub", "Project", "FeatureStore"),
    _REST + "; azure-ai-ml 1.35.2, azure/ai/ml/constants/_workspace.py",
)
one_of("workspace-public-access", _WORKSPACE, "publicNetworkAccess", ("Enabled", "Disabled"), _REST)
one_of(
    "workspace-isolation",
    _WORKSPACE,
    "managedNetwork.isolationMode",
    ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"),
    _REST,
)
one_of(
    "workspace-datastore-auth",
    _WORKSPACE,
    "systemDatastoresAuthMode",
    ("AccessKey", "Identity", "UserDelegationSAS"),
    _REST,
)

_PARTS = (
    ("storageAccount", "microsoft.storage/storageaccounts"),
    ("keyVault", "microsoft.keyvault/vaults"),
    ("applicationInsights", "microsoft.insights/components"),
    ("containerRegistry", "microsoft.containerregistry/registries"),
)


@rule("workspace-parts", _WORKSPACE, source=LEARN + "concept-workspace: associated resources; " + _REST)
def workspace_parts(x: View) -> Iterator[Problem]:
    """A usual workspace needs storage, a vault and Application Insights; each is given by its ARM id."""
    if str(x["kind"] or "default").lower() == "default":
        for key, _ in _PARTS[:3]:
            if x.missing(key):
                yield key, "a workspace cannot be made without it"
    for key, kind in _PARTS:
        value = x[key]
        if isinstance(value, str) and value and f"/providers/{kind}/" not in value.lower():
            yield key, f"{value!r} is no id of a {kind.rpartition('/')[2]} resource"


@rule("workspace-encryption", _WORKSPACE, source=LEARN + "concept-customer-managed-keys; " + _REST)
def encryption(x: View) -> Iterator[Problem]:
    """A customer's key needs the vault and the key, and must stand on status Enabled."""
    if x["encryption"] is None or str(x["encryption.status"]).lower() == "disabled":
        return
    if x.missing("encryption.keyVaultProperties.keyIdentifier"):
        yield (
            "encryption.keyVaultProperties.keyIdentifier",
            "encryption with a key of one's own names the key",
        )
    if x.missing("encryption.keyVaultProperties.keyVaultArmId"):
        yield (
            "encryption.keyVaultProperties.keyVaultArmId",
            "encryption with a key of one's own names the vault",
        )


@rule("outbound-rule-type", _RULE, source=REST + "azureml/managed-network-settings-rule/create-or-update")
def outbound_rule(x: View) -> Iterator[Problem]:
    kind = x["properties.type"]
    if not isinstance(kind, str):
        return
    if kind not in ("FQDN", "PrivateEndpoint", "ServiceTag"):
        yield "properties.type", f"{kind!r} is not one of FQDN, PrivateEndpoint, ServiceTag"
    elif x.missing("properties.destination"):
        yield "properties.destination", "a rule says where traffic may go"
    elif (
        kind == "FQDN"
        and isinstance(x["properties.destination"], str)
        and "://" in x["properties.destination"]
    ):
        yield "properties.destination", "a host name, without the scheme"


_AUTH = (
    "AAD",
    "AccessKey",
    "AccountKey",
    "ApiKey",
    "CustomKeys",
    "ManagedIdentity",
    "None",
    "OAuth2",
    "PAT",
    "SAS",
    "ServicePrincipal",
    "UsernamePassword",
)
one_of(
    "connection-auth",
    _CONNECTION,
    "properties.authType",
    _AUTH,
    REST + "azureml/workspace-connections/create",
)


@rule("connection-target", _CONNECTION, source=REST + "azureml/workspace-connections/create")
def connection_target(x: View) -> Iterator[Problem]:
    for key in ("category", "target"):
        if x.missing(f"properties.{key}"):
            yield f"properties.{key}", "a connection needs it"
    if x["properties.authType"] in ("ApiKey", "CustomKeys", "PAT", "SAS", "UsernamePassword") and x.missing(
        "properties.credentials"
    ):
        yield "properties.credentials", f"a connection of the type {x['properties.authType']} needs them"


@rule(
    "registry-regions",
    "machinelearningservices:Registry",
    source=REST + "azureml/registries/create-or-update",
)
def registry_regions(x: View) -> Iterator[Problem]:
    """A registry is replicated to regions, its own among them, each with storage and a container registry."""
    regions = x.list("regionDetails")
    if x.raw("regionDetails") in (None, [], ()):
        yield "regionDetails", "a registry names at least one region"
    names = {str(region["location"]).lower().replace(" ", "") for _, region in regions if region["location"]}
    home = x["location"]
    own = home.lower().replace(" ", "") if isinstance(home, str) else None
    if names and own and own not in names and x.all_known("regionDetails"):
        yield "regionDetails", f"the registry's own region {home!r} must be among them"
