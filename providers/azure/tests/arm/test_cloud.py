"""Which Azure is spoken to, and as whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.identity import (
    ClientAssertionCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
)
from mlstack_azure.arm import cloud
from mlstack_azure.arm.credential import credential
from mlstack_azure.arm.ids import Workspace, parent, segment

from mlstack import door
from mlstack.errors import UsageError

ID = "/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices/workspaces/w"


@pytest.fixture(autouse=True)
def _no_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(door.VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("environment", "url", "blob", "login"),
    [
        ({}, "https://management.azure.com", "https://a.blob.core.windows.net", "microsoftonline.com"),
        (
            {"ARM_ENVIRONMENT": "usgovernment"},
            "https://management.usgovcloudapi.net",
            "https://a.blob.core.usgovcloudapi.net",
            "microsoftonline.us",
        ),
        (
            {"AZURE_ENVIRONMENT": "AzureChinaCloud"},
            "https://management.chinacloudapi.cn",
            "https://a.blob.core.chinacloudapi.cn",
            "chinacloudapi.cn",
        ),
        (
            {
                "MLSTACK_AZURE_URL": "https://arm.example/",
                "MLSTACK_AZURE_BLOB_URL": "https://store.example/{account}",
                "AZURE_AUTHORITY_HOST": "https://login.example",
            },
            "https://arm.example",
            "https://store.example/a",
            "login.example",
        ),
    ],
)
def test_clouds(environment: dict[str, str], url: str, blob: str, login: str) -> None:
    found = cloud.here(environment)
    assert (found.url, found.blob("a")) == (url, blob)
    assert found.login.endswith(login)
    assert not found.emulated


def test_a_cloud_that_is_unknown_is_an_error_with_the_way_out() -> None:
    with pytest.raises(UsageError, match="ARM_ENVIRONMENT names no Azure: 'mars'") as raised:
        cloud.here({"ARM_ENVIRONMENT": "mars"})
    assert "usgovernment" in (raised.value.remedy or "")


def test_a_rehearsal_speaks_to_its_door_whatever_else_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(door.VARIABLE, "http://127.0.0.1:5")
    found = cloud.here({"ARM_ENVIRONMENT": "china", "MLSTACK_AZURE_URL": "https://management.azure.com"})
    assert found.emulated
    assert (found.url, found.blob("a")) == ("http://127.0.0.1:5", "http://127.0.0.1:5/blob/a")
    assert found.store("a") == "https://a.blob.core.windows.net"


OIDC = {"ARM_CLIENT_ID": "c", "ARM_TENANT_ID": "t", "ARM_USE_OIDC": "true"}


@pytest.mark.parametrize(
    ("environment", "cls"),
    [
        ({}, DefaultAzureCredential),
        ({"ARM_CLIENT_ID": "c", "ARM_CLIENT_SECRET": "s", "ARM_TENANT_ID": "t"}, ClientSecretCredential),
        (OIDC, ClientAssertionCredential),
        ({"ARM_USE_MSI": "1"}, ManagedIdentityCredential),
    ],
)
def test_who_we_are(environment: dict[str, str], cls: type) -> None:
    assert type(credential(cloud.PUBLIC, environment=environment)) is cls


def test_a_federated_token_is_read_from_its_file_each_time(tmp_path: Path) -> None:
    from mlstack_azure.arm.credential import _assertion

    file = tmp_path / "token"
    read = _assertion({**OIDC, "ARM_OIDC_TOKEN_FILE_PATH": str(file)})
    for content in ("one", "two"):
        file.write_text(f"{content}\n", encoding="utf-8")
        assert read() == content


def test_ids_are_taken_apart_without_regard_to_case() -> None:
    workspace = Workspace.of(f"{ID}/onlineEndpoints/e/deployments/d")
    assert (workspace.subscription, workspace.group, workspace.name) == ("s", "g", "w")
    assert segment(f"{ID}/onlineendpoints/e/deployments/d", "onlineEndpoints") == "e"
    assert parent(f"{ID}/onlineEndpoints/e/deployments/d") == f"{ID}/onlineEndpoints/e"
    assert workspace.datastore_uri("store", "a/b") == (
        "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/store/paths/a/b"
    )
    with pytest.raises(UsageError, match="not the ARM id"):
        Workspace.of("/subscriptions/s")
