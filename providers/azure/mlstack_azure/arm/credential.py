"""Who we are to Azure: what Pulumi's variables say, else all that Azure's own tools try."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlstack_azure.arm.cloud import Cloud

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

#: The token of a rehearsal. It opens nothing.
REHEARSED = "rehearsal"


def credential(
    cloud: Cloud, tenant: str | None = None, environment: Mapping[str, str] = os.environ
) -> TokenCredential:
    """The credential to ask for tokens; nothing is asked yet.

    The ``ARM_*`` variables, which pulumi-azure-native reads, come first, so that its resources and ours are
    made by one and the same identity. Without them: environment, workload and managed identity, `az login`
    and the others of Azure's default chain.
    """
    from azure.identity import (
        ClientAssertionCredential,
        ClientSecretCredential,
        DefaultAzureCredential,
        ManagedIdentityCredential,
    )

    # it writes a page of all that was tried to standard error; what matters of that is in its exception
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    host = cloud.login.removeprefix("https://")
    tenant = tenant or environment.get("ARM_TENANT_ID") or environment.get("AZURE_TENANT_ID")
    client = environment.get("ARM_CLIENT_ID")
    secret = environment.get("ARM_CLIENT_SECRET")
    if tenant and client and secret:
        return ClientSecretCredential(tenant, client, secret, authority=host)
    if tenant and client and _is_set(environment, "ARM_USE_OIDC"):
        return ClientAssertionCredential(tenant, client, _assertion(environment), authority=host)
    if _is_set(environment, "ARM_USE_MSI"):
        return ManagedIdentityCredential(client_id=client)
    more: dict[str, Any] = {"authority": host}
    if tenant:
        more["additionally_allowed_tenants"] = [tenant]
        more["workload_identity_tenant_id"] = tenant
        more["interactive_browser_tenant_id"] = tenant
    return DefaultAzureCredential(**more)


def _is_set(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in ("1", "true", "yes")


def _assertion(environment: Mapping[str, str]) -> Callable[[], str]:
    """The federated token, read anew each time: it is short-lived."""

    def read() -> str:
        given = environment.get("ARM_OIDC_TOKEN")
        if given:
            return given
        file = environment.get("ARM_OIDC_TOKEN_FILE_PATH")
        if file:
            return Path(file).read_text(encoding="utf-8").strip()
        return _of_github(environment)

    return read


def _of_github(environment: Mapping[str, str]) -> str:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.core.pipeline.transport import RequestsTransport
    from azure.core.rest import HttpRequest

    url = environment.get("ARM_OIDC_REQUEST_URL") or environment.get("ACTIONS_ID_TOKEN_REQUEST_URL")
    token = environment.get("ARM_OIDC_REQUEST_TOKEN") or environment.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not token:
        raise ClientAuthenticationError(
            "ARM_USE_OIDC is set, and there is no ARM_OIDC_TOKEN, no ARM_OIDC_TOKEN_FILE_PATH and no "
            "ACTIONS_ID_TOKEN_REQUEST_URL"
        )
    request = HttpRequest(
        "GET",
        url,
        params={"audience": "api://AzureADTokenExchange"},
        headers={"Authorization": f"Bearer {token}"},
    )
    with RequestsTransport() as transport:
        answer = transport.send(request)
        answer.read()
    answer.raise_for_status()
    value: str = answer.json()["value"]
    return value
