"""Secrets: where a value is found, never the value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from mlstack.spec.base import Resource, exactly_one
from mlstack.spec.faults import fault
from mlstack.spec.text import VARIABLE, Text

SOURCES = ("env", "keyvault", "secretsmanager", "secretmanager", "vault")
REMEDY = (
    "take the value out of the file and name its place: env: VARIABLE, keyvault: ID, secretsmanager: ID, "
    "secretmanager: ID, or vault: PATH#KEY"
)


def _check_variable(value: str) -> str:
    # What stands here may be the secret itself, put at the wrong place: it is not repeated.
    if VARIABLE.fullmatch(value):
        return value
    raise fault("bad-variable", "env is to name an environment variable, and does not", "write env: HF_TOKEN")


def _check_vault(value: str | Any) -> Any:
    if not isinstance(value, str) or all(value.partition("#")[::2]):
        return value
    raise fault("bad-vault-path", "a vault secret needs a path and a key", "write vault: path/of/secret#key")


class Secret(Resource):
    """A value that no file of the project holds: exactly one place where it is found."""

    env: (
        Annotated[
            str,
            AfterValidator(_check_variable),
            WithJsonSchema({"type": "string", "pattern": f"^{VARIABLE.pattern}$"}),
        ]
        | None
    ) = Field(
        default=None,
        description="Environment variable that is read when `up` runs. Left out: another place is given.",
    )
    keyvault: Text | None = Field(
        default=None, description="Id of an Azure Key Vault secret. Left out: another place is given."
    )
    secretsmanager: Text | None = Field(
        default=None, description="Id of an AWS Secrets Manager secret. Left out: another place is given."
    )
    secretmanager: Text | None = Field(
        default=None, description="Id of a Google Secret Manager secret. Left out: another place is given."
    )
    vault: Annotated[Text, AfterValidator(_check_vault)] | None = Field(
        default=None,
        description="Path and key in HashiCorp Vault, as path#key. Left out: another place is given.",
    )

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            strange = [key for key in data if key not in cls.model_fields]
            if not any(
                str(key).lower() in ("value", "literal", "text", "secret", "password") for key in strange
            ):
                return data
        elif isinstance(data, cls) or data is None:
            return data
        raise fault("secret-literal", "a secret is written out, and must not be", REMEDY)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        exactly_one(self, SOURCES, "secret-source", "a secret")
        return self

    @property
    def source(self) -> str:
        """The field that says where the value is: "env", "keyvault" …"""
        return self.given(SOURCES)[0]
