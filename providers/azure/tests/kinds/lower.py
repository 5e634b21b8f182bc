"""Specs through the builders of workspace, secrets, compute and assets, and a cloud that answers with ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.testing import Answers
from tests.lowered import Lower, Refused, lowering, refusing

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml"
TENANT = "11111111-1111-1111-1111-111111111111"

FILES = {
    "data/rows.csv": "x,label\n1,0\n2,1\n",
    "data/more/a.csv": "x\n1\n",
    "files/net/model.txt": "weights\n",
    "files/flow/MLmodel": "flavors: {}\n",
    "image/Dockerfile": "FROM python:3.11-slim\n",
    "base.txt": "numpy==2.0.0\n",
    "requirements.txt": "-r base.txt\nsix==1.17.0  # a comment\n",
    "local.txt": "-e ./src\n",
    "environment.yml": "name: own\ndependencies: [python=3.10, pip, {pip: [-r base.txt]}]\n",
}


class Azure(Answers):
    """Each create is answered with an id below one resource group, and the few outputs that others need."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        id = f"{GROUP}/providers/{type.split(':')[1]}/{name}"
        if type == "azure-native:machinelearningservices:Workspace":
            id = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/{name}"
        more: dict[str, Any] = {"name": name}
        if type.endswith(":UserAssignedIdentity"):
            more |= {"clientId": "the-client", "principalId": "the-principal"}
        if type.endswith(":Secret"):
            more["properties"] = {"secretUriWithVersion": f"https://kv.vault.azure.net/secrets/{name}/1"}
        return id, more

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        word = function.rsplit(":", 1)[-1]
        if word == "getWorkspace":
            below = f"{GROUP}/providers"
            return {
                "id": f"{below}/Microsoft.MachineLearningServices/workspaces/{arguments['workspaceName']}",
                "location": "northeurope",
                "keyVault": f"{below}/Microsoft.KeyVault/vaults/theirs",
                "storageAccount": f"{below}/Microsoft.Storage/storageAccounts/theirs",
            }
        if word == "getUserAssignedIdentity":
            return {"clientId": "their-client", "principalId": "their-principal"}
        if word == "getDataContainer":
            return {"properties": {"dataType": "uri_file", "latestVersion": "7", "nextVersion": "8"}}
        return {}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("AZURE_DEFAULTS_GROUP", "AZURE_DEFAULTS_LOCATION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("A_TOKEN", "c4n4ry")
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", SUBSCRIPTION)
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    return tmp_path


@pytest.fixture
def lower(root: Path) -> Lower:
    return lowering("azure", "westeurope", root, Azure)


@pytest.fixture
def refusals(root: Path) -> Refused:
    return refusing("azure", "westeurope", root, Azure)
