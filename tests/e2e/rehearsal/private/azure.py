"""Azure. Source: learn.microsoft.com/azure/machine-learning/how-to-network-security-overview, and
concept-data-encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlstack.rehearsal import Emulation

STRICT: dict[str, Any] = {
    "encryption_key": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/team"
    "/providers/Microsoft.KeyVault/vaults/team/keys/ml"
}

_SEALED = ("machinelearningservices:Workspace", "storage:StorageAccount", "containerregistry:Registry")
#: Types that can be reached from the internet unless they say otherwise, and the groups of their private
#: endpoints.
_SHUT = {
    "machinelearningservices:Workspace": {"amlworkspace"},
    "storage:StorageAccount": {"blob", "file"},
    "keyvault:Vault": {"vault"},
    "containerregistry:Registry": {"registry"},
    "machinelearningservices:OnlineEndpoint": set(),
}


def doors(emulated: Emulation) -> Iterator[str]:
    there = [each for each in emulated.documents() if not _seeded(each[2])]
    links = {
        (_inner(link)["privateLinkServiceId"].lower(), group)
        for _, kind, body in there
        if kind == "network:PrivateEndpoint"
        for link in _inner(body)["privateLinkServiceConnections"]
        for group in _inner(link)["groupIds"]
    }
    for id, kind, body in there:
        inner = _inner(body)
        if kind in _SHUT:
            if inner.get("publicNetworkAccess") != "Disabled":
                yield f"{id} is open to the internet"
            yield from (
                f"{id} has no way to its {group}" for group in _SHUT[kind] if (id.lower(), group) not in links
            )
        if inner.get("allowBlobPublicAccess"):
            yield f"{id} may have blobs for all"
        if kind == "network:PublicIPAddress":
            yield id
        if kind == "machinelearningservices:Compute" and inner["properties"].get("enableNodePublicIp", True):
            yield f"{id} has nodes with an address of their own"


def unsealed(emulated: Emulation) -> Iterator[str]:
    for id, kind, body in emulated.documents():
        encrypted = _inner(body).get("encryption") or {}
        if kind in _SEALED and not _seeded(body) and not encrypted.get("keyVaultProperties"):
            yield id


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body.get("properties") or {}
    return found


def _seeded(body: dict[str, Any]) -> bool:
    return (body.get("systemData") or {}).get("createdBy") in ("seed", "platform")
