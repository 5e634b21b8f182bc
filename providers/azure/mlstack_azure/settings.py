"""``settings.azure``: where to."""

from __future__ import annotations

from pydantic import Field

from mlstack.provider import Settings as BaseSettings


class Settings(BaseSettings):
    """``settings.azure``."""

    subscription: str | None = Field(
        default=None,
        description="Id of the subscription. Left out: AZURE_SUBSCRIPTION_ID or ARM_SUBSCRIPTION_ID, else "
        "the one that `az` is set to.",
    )
    tenant: str | None = Field(
        default=None, description="Id of the directory. Left out: the one that the credentials belong to."
    )
    resource_group: str | None = Field(
        default=None,
        description="Name of a resource group that is there: used, never created or deleted. Left out: one "
        "is created for the stack.",
    )
