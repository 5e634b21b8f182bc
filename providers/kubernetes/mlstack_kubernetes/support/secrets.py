"""Secrets in a cluster: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

_WAY_OUT = "export the value as a variable, where `mlstack up` runs, and name that by env: VARIABLE"

UNSUPPORTED: Mapping[str, str] = {
    "secrets.keyvault": f"pods have no way into Azure Key Vault: {_WAY_OUT}",
    "secrets.secretsmanager": f"pods have no way into AWS Secrets Manager: {_WAY_OUT}",
    "secrets.secretmanager": f"pods have no way into Google Secret Manager: {_WAY_OUT}",
    "secrets.vault": f"pods have no way into HashiCorp Vault: {_WAY_OUT}",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
