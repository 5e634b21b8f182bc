"""Secrets on Azure: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.spec import Stack
from mlstack_azure.support.common import Refusal

_WAY_OUT = (
    "put the value into an Azure Key Vault and name it by keyvault: https://VAULT.vault.azure.net/"
    "secrets/NAME, "
    "or export it as a variable and name that by env: VARIABLE"
)

UNSUPPORTED: Mapping[str, str] = {
    "secrets.secretsmanager": f"Azure has no way into AWS Secrets Manager: {_WAY_OUT}",
    "secrets.secretmanager": f"Azure has no way into Google Secret Manager: {_WAY_OUT}",
    "secrets.vault": f"jobs and deployments of Azure ML have no way into HashiCorp Vault: {_WAY_OUT}",
}
NO_INPUT: Mapping[str, str] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
