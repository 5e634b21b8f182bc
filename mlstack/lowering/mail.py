"""The server that takes the mail of notifications, where a target has to be told of one."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class Mail(BaseModel):
    """A target adds ``host``, with or without a usual one."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Its port. Left out: 25, or 587 with starttls, 465 with tls.",
    )
    security: Literal["none", "starttls", "tls"] = Field(
        default="none", description="How the connection is encrypted. Left out: not at all."
    )
    user: str | None = Field(default=None, description="Who logs in. Left out: nobody does.")
    password: str | None = Field(
        default=None, description="Name of the secret that holds the password. Left out: there is none."
    )
    sender: str = Field(
        default="mlstack@localhost", alias="from", description="The mail's From. Left out: mlstack@localhost."
    )

    def filled(self) -> dict[str, Any]:
        """All fields that have a value, the port with the usual one of its security."""
        given = {**self.model_dump(), "port": self.port or _PORTS[self.security]}
        return {key: value for key, value in given.items() if value is not None}
