from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlstack_azure.arm import cloud

from mlstack import door
from mlstack.resource import Context
from providers.azure.tests.azurite import ACCOUNT, CONTAINER, KEY, Azurite, running
from providers.azure.tests.strict import Says, Server, serving

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
STORE = f"{WORKSPACE}/datastores/workspaceblobstore"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(door.VARIABLE, server.url)
        yield server


@pytest.fixture
def context(tmp_path: Path) -> Context:
    lines: list[str] = []
    context = Context(tmp_path, "urn", "name", log=lines.append)
    object.__setattr__(context, "lines", lines)
    return context


@pytest.fixture(scope="session")
def _azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with running(tmp_path_factory.mktemp("azurite")) as azurite:
        yield azurite


@pytest.fixture
def azurite(_azurite: Azurite, server: Server, monkeypatch: pytest.MonkeyPatch) -> Azurite:
    """A store that does not take a rehearsal's token, behind the workspace's datastore, which has the key."""
    monkeypatch.setenv(cloud.BLOB_URL, _azurite.url)
    _azurite.empty()
    properties = {
        "datastoreType": "AzureBlob",
        "accountName": ACCOUNT,
        "containerName": CONTAINER,
        "endpoint": "core.windows.net",
        "protocol": "https",
    }
    server.on("GET", STORE, Says(body={"properties": properties}))
    server.on("POST", f"{STORE}/listSecrets", Says(body={"secretsType": "AccountKey", "key": KEY}))
    return _azurite
