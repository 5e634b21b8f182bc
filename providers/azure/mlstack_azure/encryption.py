"""A key of the user's own: where it is, and how each resource is told of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack_azure import account


@dataclass(frozen=True)
class Key:
    """``id`` is ``https://VAULT.vault.azure.net/keys/NAME[/VERSION]``, ``vault_id`` the vault's ARM id."""

    id: Any
    vault_id: Any

    @property
    def vault_url(self) -> Any:
        return account.lift(self.id, lambda id: id.partition("/keys/")[0])

    @property
    def name(self) -> Any:
        return account.lift(self.id, lambda id: id.partition("/keys/")[2].partition("/")[0])

    @property
    def version(self) -> Any:
        """Empty: the key's newest version is followed."""
        return account.lift(self.id, lambda id: id.partition("/keys/")[2].partition("/")[2])


def key(build: Build, resource_group: pulumi.Input[str]) -> Key | None:
    """The key of the spec. By its URL its vault is taken to be in the stack's resource group; an ARM id says
    where it is."""
    given = build.spec.encryption_key
    if given is None:
        return None
    known = pulumi.Output.all(account.subscription(build), resource_group)
    vault_id = known.apply(
        lambda where: account.lift(given, lambda text: _vault_id(text, where[0], where[1]))
    )
    return Key(account.lift(given, _url), vault_id)


_ARM = re.compile(
    r"(?P<id>.*/vaults/(?P<vault>[^/]+))/keys/(?P<key>[^/]+)(?:/versions/(?P<version>.+))?", re.I
)


def _url(text: str) -> str:
    found = _ARM.fullmatch(text)
    if found is None:
        return text
    version = f"/{found['version']}" if found["version"] else ""
    return f"https://{found['vault']}.vault.azure.net/keys/{found['key']}{version}"


def _vault_id(text: str, subscription: str, group: str) -> str:
    found = _ARM.fullmatch(text)
    if found is not None:
        return found["id"]
    name = text.partition("://")[2].partition(".")[0]
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}"
