"""The life of a stack on a real Azure subscription (`az login`, or ARM_* or AZURE_* variables)."""

from __future__ import annotations

from typing import Any

from tests.live.life import MARKS, Life

pytestmark = MARKS


class TestAzure(Life):
    cloud = "azure"
    region = "westeurope"
    account = ("AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID")

    def shown(self, endpoint: str) -> Any:
        return dict(_found(endpoint)[1].traffic)

    def disturb(self, endpoint: str) -> None:
        client, found = _found(endpoint)
        found.traffic = {}
        client.online_endpoints.begin_create_or_update(found).result()


def _found(endpoint: str) -> Any:
    """Azure's own client, and the endpoint with this ARM id."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    parts = dict(zip(endpoint.split("/")[1::2], endpoint.split("/")[2::2], strict=True))
    place = (parts["subscriptions"], parts["resourceGroups"], parts["workspaces"])
    client = MLClient(DefaultAzureCredential(), *place)
    return client, client.online_endpoints.get(parts["onlineEndpoints"])
