"""Secrets on Vertex AI: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

_WAY_OUT = (
    "put the value into Google Secret Manager and name it by secretmanager: projects/P/secrets/NAME, or "
    "export it as a variable and name that by env: VARIABLE"
)

UNSUPPORTED: Mapping[str, str] = {
    "secrets.keyvault": f"Google Cloud has no way into Azure Key Vault: {_WAY_OUT}",
    "secrets.secretsmanager": f"Google Cloud has no way into AWS Secrets Manager: {_WAY_OUT}",
    "secrets.vault": f"jobs and models of Vertex AI have no way into HashiCorp Vault: {_WAY_OUT}",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
