"""Notifications: who is told, and how."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self, TypeAlias

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema

from mlstack.spec.base import Resource, Spec, exactly_one
from mlstack.spec.faults import fault, shown
from mlstack.spec.references import SecretRef
from mlstack.spec.text import Deferred, Text, is_deferred

CHANNELS = ("email", "slack", "teams", "pagerduty", "webhook", "apprise")


class FromSecret(Spec):
    """An address that is a secret, as whoever knows it may write there."""

    secret: SecretRef = Field(description="Name of the secret that holds the address. Required.")


class _Address:
    """An address: ``{secret: NAME}`` or a deferred value; as text only where it holds no credential."""

    def __init__(self, *, plain: bool) -> None:
        self.plain = plain
        self.word = "text or {secret: NAME}" if plain else "{secret: NAME}"

    def check(self, value: Any) -> Any:
        if is_deferred(value) or (self.plain and isinstance(value, str)):
            return value
        if isinstance(value, str):
            raise fault(
                "secret-literal",
                "the address holds a credential, and must not be written out",
                "declare it under secrets, and write {secret: NAME} here",
            )
        return FromSecret.model_validate(value)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        accepted = handler.generate_schema(FromSecret)
        if self.plain:
            accepted = core_schema.union_schema([core_schema.str_schema(), accepted])
        return core_schema.no_info_plain_validator_function(self.check, json_schema_input_schema=accepted)


Address: TypeAlias = Annotated[str | FromSecret | Deferred, _Address(plain=True)]
SecretAddress: TypeAlias = Annotated[FromSecret | Deferred, _Address(plain=False)]


def _check_email(value: str | Any) -> Any:
    if not isinstance(value, str) or re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        return value
    raise fault("bad-email", f"{shown(value)} is no e-mail address", "write name@example.com")


class Notification(Resource):
    """One channel that monitors and approvals write to: exactly one of its fields."""

    email: Annotated[Text, AfterValidator(_check_email)] | None = Field(
        default=None, description="An e-mail address. Left out: another channel is given."
    )
    slack: SecretAddress | None = Field(
        default=None, description="A Slack webhook, as {secret: NAME}. Left out: another channel is given."
    )
    teams: SecretAddress | None = Field(
        default=None, description="A Teams webhook, as {secret: NAME}. Left out: another channel is given."
    )
    pagerduty: SecretAddress | None = Field(
        default=None,
        description="A PagerDuty integration key, as {secret: NAME}. Left out: another channel is given.",
    )
    webhook: Address | None = Field(
        default=None,
        description="A URL that takes a POST, as text or {secret: NAME}. Left out: another channel is given.",
    )
    apprise: SecretAddress | None = Field(
        default=None,
        description="An Apprise URL, as {secret: NAME}. Left out: another channel is given.",
    )

    @model_validator(mode="after")
    def _one_channel(self) -> Self:
        exactly_one(self, CHANNELS, "notification-channel", "a notification")
        return self

    @property
    def channel(self) -> str:
        """The field that is given: "email", "slack" …"""
        return self.given(CHANNELS)[0]
