"""Secrets on SageMaker: what is refused, and what makes no input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlstack.lowering.support import Refusal
from mlstack.provider import Way
from mlstack.spec import Stack

_WAY_OUT = (
    "put the value into AWS Secrets Manager and name it by secretsmanager: NAME, or export it as a variable "
    "and name that by env: VARIABLE"
)

UNSUPPORTED: Mapping[str, str] = {
    "secrets.keyvault": f"SageMaker has no way into Azure Key Vault: {_WAY_OUT}",
    "secrets.secretmanager": f"SageMaker has no way into Google Secret Manager: {_WAY_OUT}",
    "secrets.vault": f"jobs and models of SageMaker have no way into HashiCorp Vault: {_WAY_OUT}",
}
NO_INPUT: Mapping[str, str] = {}
WAYS: Mapping[str, Way] = {}


def refusals(stack: Stack) -> Iterator[Refusal]:
    yield from ()
