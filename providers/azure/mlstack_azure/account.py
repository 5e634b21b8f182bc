"""Where on Azure a stack is: region, subscription, directory; and ARM ids taken apart."""

from __future__ import annotations

import os
from typing import Any

import pulumi

from mlstack.lowering.values import lift as lift  # its users have it from here
from mlstack.provider import Build
from mlstack_azure import region as usual


def region(build: Build) -> str:
    """The region: of the spec, `az`'s variable, azure-native's config; else the usual one, then kept."""
    given = build.stackwide.region or usual.given(lambda _key: pulumi.Config("azure-native").get("location"))
    if given:
        return given
    build.warn("region", f"no region is given: {usual.USUAL} is taken; write region: at the top of the spec")
    return build.pinned(f"{build.kind}.{build.name}.region", lambda: usual.USUAL)


def subscription(build: Build) -> pulumi.Input[str]:
    """The subscription's id; asked of the credentials where neither settings nor variables say it."""
    known = _known(build.settings.subscription, "AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID")
    return known or _client("subscription_id")


def tenant(build: Build) -> pulumi.Input[str]:
    """The directory's id."""
    return _known(build.settings.tenant, "AZURE_TENANT_ID", "ARM_TENANT_ID") or _client("tenant_id")


def last(id: Any) -> Any:
    """The name at the end of an ARM id; a plain name is its own."""
    return lift(id, lambda text: text.rstrip("/").rsplit("/", 1)[-1])


def segment(id: Any, key: str, otherwise: str = "") -> Any:
    """What follows ``key`` in an ARM id ("resourceGroups"), without regard to case."""

    def found(text: str) -> str:
        parts = text.strip("/").split("/")
        keys = [part.lower() for part in parts]
        at = keys.index(key.lower()) + 1 if key.lower() in keys else len(parts)
        return parts[at] if at < len(parts) else otherwise

    return lift(id, found)


def _known(given: str | None, *variables: str) -> str | None:
    return given or next((value for name in variables if (value := os.environ.get(name))), None)


def _client(field: str) -> pulumi.Output[str]:
    from pulumi_azure_native import authorization

    found: pulumi.Output[str] = authorization.get_client_config_output().apply(
        lambda config: getattr(config, field)
    )
    return found
