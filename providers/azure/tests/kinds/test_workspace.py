"""The workspace: what is made around it, who may do what, how it is shut; and one that is there."""

from __future__ import annotations

import pytest

from providers.azure.tests.kinds.lower import GROUP, TENANT, Lower, Refused, lower, refusals, root

__all__ = ["lower", "refusals", "root"]

KEY = f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys/keys/mine/versions/3"


def test_all_that_a_workspace_needs_is_made_and_shut_as_it_is_made(lower: Lower) -> None:
    sent = lower("tags: {team: vision}\nenvironments: {sk: {packages: [six]}}")
    storage = sent.inputs("StorageAccount", "default-storage")
    assert storage["minimumTlsVersion"] == "TLS1_2"
    assert storage["enableHttpsTrafficOnly"] is True
    assert storage["allowBlobPublicAccess"] is False
    assert storage["sku"] == {"name": "Standard_GRS"}
    vault = sent.properties("Vault", "default-vault")
    assert vault["tenantId"] == TENANT
    assert (vault["enableRbacAuthorization"], vault["enablePurgeProtection"]) == (True, True)
    assert sent.inputs("Registry", "default-registry")["adminUserEnabled"] is False
    workspace = sent.inputs("Workspace", "default")
    assert workspace["keyVault"].endswith("/default-vault")
    assert workspace["storageAccount"].endswith("/default-storage")
    assert workspace["applicationInsights"].endswith("/default-insights")
    assert workspace["containerRegistry"].endswith("/default-registry")
    assert workspace["publicNetworkAccess"] == "Enabled"
    assert "managedNetwork" not in workspace
    assert workspace["tags"] == {"team": "vision", "mlstack-stack": "c0ffee00"}
    assert sent.inputs("ResourceGroup", "default-group")["location"] == "westeurope"


def test_work_has_few_rights_each_on_one_thing(lower: Lower) -> None:
    sent = lower("environments: {sk: {packages: [six]}}")
    held = {name: sent.inputs("RoleAssignment", name) for name in sent.names("RoleAssignment")}
    assert {each["principalId"] for each in held.values()} == {"the-principal"}
    rights = {
        each["scope"].rsplit("/", 1)[-1]: each["roleDefinitionId"].rsplit("/", 1)[-1]
        for each in held.values()
    }
    assert rights == {
        "default-storage": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "default-vault": "4633458b-17de-408a-b874-0445c86b69e6",
        "default-registry": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        "default": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    }
    again = lower("environments: {sk: {packages: [six]}}")
    names = [each["roleAssignmentName"] for each in held.values()]
    assert len(set(names)) == 4
    assert [again.inputs("RoleAssignment", name)["roleAssignmentName"] for name in held] == names


def test_no_registry_where_no_image_is_built(lower: Lower) -> None:
    sent = lower("data: {one: {path: data/rows.csv}}")
    assert sent.names("Registry") == []
    assert "containerRegistry" not in sent.inputs("Workspace", "default")


def test_what_cannot_be_changed_in_place_gives_other_names(lower: Lower) -> None:
    here = lower("workspace: {}").inputs("Workspace", "default")["workspaceName"]
    storage = f"workspace: {{storage: {GROUP}/providers/Microsoft.Storage/storageAccounts/theirs}}"
    there = lower(storage)
    assert there.names("StorageAccount") == []
    assert there.inputs("Workspace", "default")["storageAccount"].endswith("/theirs")
    assert there.inputs("Workspace", "default")["workspaceName"] != here
    assert lower("workspace: {}").inputs("Workspace", "default")["workspaceName"] == here


def test_a_group_that_is_there_is_used(lower: Lower) -> None:
    sent = lower("settings: {azure: {resource_group: ml-prod}}\nworkspace: {}")
    assert sent.names("ResourceGroup") == []
    assert sent.inputs("Workspace", "default")["resourceGroupName"] == "ml-prod"


def test_a_private_workspace_is_reached_by_endpoints_alone(lower: Lower) -> None:
    sent = lower("workspace: {network: private}\nenvironments: {sk: {packages: [six]}}")
    workspace = sent.inputs("Workspace", "default")
    assert workspace["publicNetworkAccess"] == "Disabled"
    assert workspace["managedNetwork"]["isolationMode"] == "AllowInternetOutbound"
    for kind, name in (("StorageAccount", "storage"), ("Registry", "registry")):
        assert sent.inputs(kind, f"default-{name}")["publicNetworkAccess"] == "Disabled"
    assert sent.properties("Vault", "default-vault")["networkAcls"]["defaultAction"] == "Deny"
    assert sent.inputs("Registry", "default-registry")["sku"] == {"name": "Premium"}
    groups = {
        name: sent.inputs("PrivateEndpoint", name)["privateLinkServiceConnections"][0]["groupIds"]
        for name in sent.names("PrivateEndpoint")
    }
    assert groups == {
        "default-workspace-endpoint": ["amlworkspace"],
        "default-blob-endpoint": ["blob"],
        "default-file-endpoint": ["file"],
        "default-vault-endpoint": ["vault"],
        "default-registry-endpoint": ["registry"],
    }
    zones = {sent.inputs("PrivateZone", name)["privateZoneName"] for name in sent.names("PrivateZone")}
    assert {"privatelink.api.azureml.ms", "privatelink.vaultcore.azure.net"} <= zones


def test_endpoints_go_into_a_subnet_that_is_named(lower: Lower) -> None:
    subnet = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/own/subnets/ml"
    sent = lower(f"settings: {{azure: {{subnet: {subnet}}}}}\nworkspace: {{network: private}}")
    assert sent.inputs("PrivateEndpoint", "default-workspace-endpoint")["subnet"]["id"] == subnet
    assert sent.names("VirtualNetwork") == sent.names("PrivateZone") == []


@pytest.mark.parametrize(
    ("given", "url", "vault"),
    [
        (
            KEY,
            "https://keys.vault.azure.net/keys/mine/3",
            f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys",
        ),
        (
            "https://keys.vault.azure.net/keys/mine/3",
            "https://keys.vault.azure.net/keys/mine/3",
            f"{GROUP}/providers/Microsoft.KeyVault/vaults/keys",
        ),
    ],
)
def test_strict_encrypts_with_ones_own_key_and_lets_nothing_out(
    lower: Lower, given: str, url: str, vault: str
) -> None:
    settings = "settings: {azure: {resource_group: ml}}"
    sent = lower(f"security: strict\n{settings}\nworkspace: {{encryption_key: '{given}'}}")
    workspace = sent.inputs("Workspace", "default")
    assert workspace["encryption"]["keyVaultProperties"] == {
        "keyIdentifier": url,
        "keyVaultArmId": vault,
        "identityClientId": "the-client",
    }
    assert workspace["identity"]["type"] == "SystemAssigned,UserAssigned"
    assert workspace["hbiWorkspace"] is True
    assert workspace["systemDatastoresAuthMode"] == "Identity"
    network = workspace["managedNetwork"]
    assert network["isolationMode"] == "AllowOnlyApprovedOutbound"
    assert {rule["destination"] for rule in network["outboundRules"].values()} >= {"pypi.org"}
    storage = sent.inputs("StorageAccount", "default-storage")
    assert storage["allowSharedKeyAccess"] is False
    assert storage["encryption"]["keyVaultProperties"] == {
        "keyName": "mine",
        "keyVaultUri": "https://keys.vault.azure.net",
        "keyVersion": "3",
    }
    [granted] = [name for name in sent.names("RoleAssignment") if "crypto" in name]
    assert sent.inputs("RoleAssignment", granted)["scope"] == vault


def test_strict_is_refused_without_a_key_or_with_a_door(refusals: Refused) -> None:
    assert "a key of your own" in refusals("security: strict\nworkspace: {}")["security"]
    told = refusals(f"security: strict\nworkspace: {{network: public, encryption_key: {KEY}}}")
    assert list(told) == ["workspace.network"]


def test_a_key_by_its_url_needs_the_group_of_its_vault(refusals: Refused) -> None:
    told = refusals("workspace: {encryption_key: 'https://keys.vault.azure.net/keys/mine'}")
    assert "resource group" in told["workspace.encryption_key"]


def test_a_workspace_that_is_there_is_only_read(lower: Lower) -> None:
    sent = lower(
        "settings: {azure: {resource_group: ml}}\n"
        "workspace: {existing: prod, name: prod, network: private, tags: {a: b}}\n"
        "compute: {train: {}}\nsecrets: {token: {env: A_TOKEN}}\ndata: {rows: {path: data/rows.csv}}"
    )
    assert {type for type, _ in sent.found} == {"Compute", "Secret", "DataVersion", "Upload"}
    compute = sent.inputs("Compute", "train")
    assert (compute["workspaceName"], compute["resourceGroupName"]) == ("prod", "ml")
    assert (compute["location"], compute["identity"]) == ("northeurope", {"type": "SystemAssigned"})
    assert sent.inputs("Secret", "token")["vaultName"] == "theirs"
    workspace = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/prod"
    assert sent.inputs("Upload", "rows-upload")["workspace_id"] == workspace
    assert set(sent.warnings) == {"workspace.default.network", "workspace.default.tags"}


def test_an_existing_workspace_has_to_be_found(refusals: Refused) -> None:
    assert list(refusals("workspace: {existing: prod}")) == ["workspace.existing"]


def test_an_identity_that_is_there_is_given_the_rights(lower: Lower) -> None:
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs"
    sent = lower(f"workspace: {{identity: {identity}}}\ncompute: {{train: {{}}}}")
    assert sent.names("UserAssignedIdentity") == []
    assert sent.inputs("RoleAssignment", sent.names("RoleAssignment")[0])["principalId"] == "their-principal"
    assert sent.inputs("Compute", "train")["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": [identity],
    }
