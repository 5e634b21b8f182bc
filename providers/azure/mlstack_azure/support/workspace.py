"""Workspace on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.provider import Way
from mlstack.spec import Stack, Workspace, is_deferred
from mlstack.suggest import hint
from mlstack_azure import region
from mlstack_azure.catalogue import REGIONS
from mlstack_azure.settings import Settings
from mlstack_azure.support.common import Refusal

UNSUPPORTED: Mapping[str, str] = {"policies": "no policy is checked yet: leave it out"}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {
    "region": Way("one of the catalogue's", value="westeurope"),
    "security": Way(
        "with a key of your own",
        {
            "settings": {"azure": {"resource_group": "ml"}},
            "workspace": {
                "encryption_key": "https://keys.vault.azure.net/keys/ml/0123456789abcdef0123456789abcdef"
            },
        },
        "strict",
    ),
    "workspace.existing": Way(
        "by name beside settings.azure.resource_group, or by ARM id",
        {"settings": {"azure": {"resource_group": "ml"}}},
    ),
}


def refusals(stack: Stack) -> Iterator[Refusal]:
    named = region.given(lambda _key: None) if stack.region is None else None
    if named is not None and named not in REGIONS:
        message = f"{region.VARIABLE} names {named!r}, and Azure has no such region"
        yield ("region",), message, hint(named, REGIONS)
    workspace = stack.workspace or Workspace()
    if stack.security == "strict":
        yield from _strict(workspace)
    key = workspace.encryption_key
    if not is_deferred(key) and str(key).startswith("https://") and not _has_group(stack):
        yield (
            ("workspace", "encryption_key"),
            "it is not said in which resource group the key's vault is",
            "write settings: {azure: {resource_group: NAME}}, or give the key's whole ARM id: "
            "/subscriptions/…/vaults/VAULT/keys/KEY",
        )
    if workspace.existing is not None and workspace.existing != "auto" and not _is_found(stack, workspace):
        yield (
            ("workspace", "existing"),
            "it is not said in which resource group the workspace is",
            "write settings: {azure: {resource_group: NAME}}, or give the workspace's whole ARM id",
        )


def _strict(workspace: Workspace) -> Iterator[Refusal]:
    if workspace.existing is None and workspace.encryption_key is None:
        yield (
            ("security",),
            "strict wants data encrypted with a key of your own, and none is named",
            "write workspace: {encryption_key: ID}, with the ARM id of a key in your Key Vault; or security: "
            "standard",
        )
    if workspace.network == "public":
        yield (
            ("workspace", "network"),
            "with security: strict nothing is reached from the internet",
            "write network: private, or leave it out; or security: standard",
        )


def _is_found(stack: Stack, workspace: Workspace) -> bool:
    existing = workspace.existing
    if not is_deferred(existing) and "/resourceGroups/" in str(existing):
        return True
    return _has_group(stack)


def _has_group(stack: Stack) -> bool:
    try:
        return Settings.model_validate(stack.settings.get("azure", {})).group is not None
    except ValueError:
        return True  # the settings are wrong themselves, and refused for it
