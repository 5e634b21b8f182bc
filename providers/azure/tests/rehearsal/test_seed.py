"""What a spec names and does not make is there before the stack, and stays."""

from __future__ import annotations

from mlstack_azure.rehearsal import AzureEmulation

from .where import SUBSCRIPTION

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shared"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/team"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/teamdata"


def test_the_vault_of_a_key_and_a_storage_account_that_a_workspace_names_are_there(
    azure: AzureEmulation,
) -> None:
    azure.seed([("workspace", {"name": "default", "encryption_key": f"{VAULT}/keys/ml", "storage": STORAGE})])
    for id in (GROUP, VAULT, STORAGE):
        assert azure.world.get(id) is not None, id
    assert list(azure.leftovers()) == []


def test_versions_of_assets_are_there_with_the_latest_known(azure: AzureEmulation) -> None:
    workspace = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml"
    named = [
        ("workspace", {"existing": workspace}),
        ("data", {"name": "rows", "existing": "rows:4", "type": "file"}),
        ("environments", {"name": "base", "existing": "azureml:base"}),
    ]
    azure.seed(named)
    azure.seed(named)
    rows, base = (azure.world.get(f"{workspace}/{each}") for each in ("data/rows", "environments/base"))
    assert rows is not None
    assert base is not None
    assert rows["properties"]["latestVersion"] == "4"
    assert base["properties"]["latestVersion"] == "1"
    version = azure.world.get(f"{workspace}/data/rows/versions/4")
    assert version is not None
    assert version["properties"]["dataType"] == "uri_file"
    assert list(azure.leftovers()) == []


def test_a_resource_that_is_made_is_not_there_before(azure: AzureEmulation) -> None:
    azure.seed([("compute", {"name": "train", "max": 2})])
    assert list(azure.world.under()) == []
