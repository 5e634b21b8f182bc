from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlstack_azure.runtime import AzureRuntime
from mlstack_azure.settings import Settings

from mlstack import door
from mlstack.runtime import ChildRecord, Record, Site
from providers.azure.tests.strict import Says, Server, serving

GROUP = "/subscriptions/s/resourceGroups/g"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/w"
ONLINE = f"{WORKSPACE}/onlineEndpoints/digits-1"
BATCH = f"{WORKSPACE}/batchEndpoints/nightly"
ML = "azure-native:machinelearningservices"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as server:
        monkeypatch.setenv(door.VARIABLE, server.url)
        yield server


@pytest.fixture
def runtime(server: Server, tmp_path: Path) -> AzureRuntime:
    return AzureRuntime(Site("uid", tmp_path, Settings(subscription="s")))


def child(type: str, id: str, inputs: Any = None, outputs: Any = None) -> ChildRecord:
    return ChildRecord(f"urn:{id}", type, id.rpartition("/")[2], id, inputs or {}, outputs or {})


def endpoint(
    url: str = "https://digits-1.westeurope.inference.ml.azure.com/score", key: str | None = "a-key"
) -> Record:
    deployments = {"blue": {"name": "blue-1"}, "green": {"name": "green-1"}}
    outputs = {"id": ONLINE, "url": url, "key": key, "deployments": deployments}
    return Record("endpoints", "digits", outputs, [child(f"{ML}:OnlineEndpoint", ONLINE)])


def batch(url: str) -> Record:
    outputs = {"id": BATCH, "url": url, "key": None, "deployments": {"main": {"name": "main-1"}}}
    return Record("endpoints", "nightly", outputs, [child(f"{ML}:BatchEndpoint", BATCH)])


def document(id: str, state: str = "Succeeded", **properties: Any) -> Says:
    named = {"provisioningState": state, **properties}
    return Says(body={"id": id, "name": id.rpartition("/")[2], "properties": named})


def series(metric: str, values: list[float | None], how: str = "average", **labels: str) -> dict[str, Any]:
    """A metric as Azure Monitor answers with it; None is a minute without a value."""
    series = {
        "metadatavalues": [{"name": {"value": key}, "value": value} for key, value in labels.items()],
        "data": [{"timeStamp": "t", **({} if each is None else {how: each})} for each in values],
    }
    return {"name": {"value": metric}, "timeseries": [series]}
