"""What a workspace needs around it: storage, key vault, logs and insights, container registry.

Secure as they are made: TLS 1.2 and HTTPS alone, no anonymous access, no admin account, vaults that cannot be
purged, and no door to the internet where the workspace has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from mlstack.provider import Build
from mlstack_azure import account
from mlstack_azure.encryption import Key
from mlstack_azure.identity import Identity, alone
from mlstack_azure.names import physical, tags

if TYPE_CHECKING:
    from pulumi_azure_native import (
        applicationinsights,
        containerregistry,
        keyvault,
        operationalinsights,
        storage,
    )


@dataclass(frozen=True)
class Site:
    """Where it all goes, and how it is shut. ``strict``: nothing opens with an account's key alone."""

    resource_group: pulumi.Input[str]
    location: str
    private: bool
    strict: bool
    key: Key | None
    identity: Identity
    wait: tuple[pulumi.Resource, ...] = ()

    @property
    def access(self) -> str:
        return "Disabled" if self.private else "Enabled"

    @property
    def default_action(self) -> str:
        return "Deny" if self.private else "Allow"


def storage_account(build: Build, site: Site) -> storage.StorageAccount:
    """Replicated to a second region: what it holds cannot be made again."""
    from pulumi_azure_native import storage

    encrypted: dict[str, Any] = {}
    if site.key is not None:
        encrypted = {
            "identity": storage.IdentityArgs(
                type="UserAssigned", user_assigned_identities=alone(site.identity.id)
            ),
            "encryption": storage.EncryptionArgs(
                key_source="Microsoft.Keyvault",
                encryption_identity=storage.EncryptionIdentityArgs(
                    encryption_user_assigned_identity=site.identity.id
                ),
                key_vault_properties=storage.KeyVaultPropertiesArgs(
                    key_name=site.key.name, key_vault_uri=site.key.vault_url, key_version=site.key.version
                ),
            ),
        }
    return build.make(
        storage.StorageAccount,
        "storage",
        options={"depends_on": list(site.wait)},
        account_name=physical(build, longest=24, compact=True, generation=site.location),
        resource_group_name=site.resource_group,
        location=site.location,
        kind="StorageV2",
        sku=storage.SkuArgs(name="Standard_GRS"),
        minimum_tls_version="TLS1_2",
        enable_https_traffic_only=True,
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        allow_shared_key_access=not site.strict,
        public_network_access=site.access,
        network_rule_set=storage.NetworkRuleSetArgs(
            default_action=storage.DefaultAction(site.default_action), bypass="AzureServices"
        ),
        tags=tags(build),
        **encrypted,
    )


def vault(build: Build, site: Site) -> keyvault.Vault:
    """Rights by roles, and no purge: a vault that was deleted keeps its name for 90 days."""
    from pulumi_azure_native import keyvault

    return build.make(
        keyvault.Vault,
        "vault",
        vault_name=physical(build, "kv", longest=24, generation=site.location),
        resource_group_name=site.resource_group,
        location=site.location,
        properties=keyvault.VaultPropertiesArgs(
            sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
            tenant_id=account.tenant(build),
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            soft_delete_retention_in_days=90,
            enable_purge_protection=True,
            public_network_access=site.access,
            network_acls=keyvault.NetworkRuleSetArgs(
                default_action=site.default_action, bypass="AzureServices"
            ),
        ),
        tags=tags(build),
    )


def logs(build: Build, site: Site) -> operationalinsights.Workspace:
    from pulumi_azure_native import operationalinsights

    return build.make(
        operationalinsights.Workspace,
        "logs",
        workspace_name=physical(build, "logs", longest=63, generation=site.location),
        resource_group_name=site.resource_group,
        location=site.location,
        sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
        retention_in_days=30,
        features=operationalinsights.WorkspaceFeaturesArgs(
            enable_log_access_using_only_resource_permissions=True
        ),
        tags=tags(build),
    )


def insights(build: Build, site: Site, log_workspace_id: pulumi.Input[str]) -> applicationinsights.Component:
    """Local authentication stays on: inference servers write with the connection string alone."""
    from pulumi_azure_native import applicationinsights

    return build.make(
        applicationinsights.Component,
        "insights",
        resource_name_=physical(build, "insights", longest=255, generation=site.location),
        resource_group_name=site.resource_group,
        location=site.location,
        kind="web",
        application_type="web",
        ingestion_mode="LogAnalytics",
        workspace_resource_id=log_workspace_id,
        tags=tags(build),
    )


def registry(build: Build, site: Site) -> containerregistry.Registry:
    """Premium where it is private or has a key of its own: others can do neither."""
    from pulumi_azure_native import containerregistry

    premium = site.private or site.key is not None
    more: dict[str, Any] = {}
    if site.key is not None:
        more = {
            "identity": containerregistry.IdentityPropertiesArgs(
                type=containerregistry.ResourceIdentityType.USER_ASSIGNED,
                user_assigned_identities=pulumi.Output.from_input(site.identity.id).apply(
                    lambda id: {id: containerregistry.UserIdentityPropertiesArgs()}
                ),
            ),
            "encryption": containerregistry.EncryptionPropertyArgs(
                status="enabled",
                key_vault_properties=containerregistry.KeyVaultPropertiesArgs(
                    identity=site.identity.client_id, key_identifier=site.key.id
                ),
            ),
        }
    if premium:
        more["public_network_access"] = site.access
        more["network_rule_set"] = containerregistry.NetworkRuleSetArgs(default_action=site.default_action)
    return build.make(
        containerregistry.Registry,
        "registry",
        options={"depends_on": list(site.wait)},
        registry_name=physical(build, longest=50, compact=True, generation=site.location),
        resource_group_name=site.resource_group,
        location=site.location,
        sku=containerregistry.SkuArgs(name="Premium" if premium else "Standard"),
        admin_user_enabled=False,
        network_rule_bypass_options="AzureServices",
        tags=tags(build),
        **more,
    )
