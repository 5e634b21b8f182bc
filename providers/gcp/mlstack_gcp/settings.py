"""``settings.gcp``: where to."""

from __future__ import annotations

from pydantic import Field

from mlstack.provider import Settings as BaseSettings


class Settings(BaseSettings):
    """``settings.gcp``."""

    project: str | None = Field(
        default=None,
        description="Id of the project. Left out: GOOGLE_CLOUD_PROJECT or GOOGLE_PROJECT, else the one that "
        "the credentials name.",
    )
    service_account: str | None = Field(
        default=None,
        description="E-mail of the service account that models and jobs run as; used, not changed. Left out: "
        "one is made, with the rights that the stack needs and no more.",
    )
