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


def test_a_resource_that_is_made_is_not_there_before(azure: AzureEmulation) -> None:
    azure.seed([("compute", {"name": "train", "max": 2})])
    assert list(azure.world.under()) == []
