"""``settings.azure``: where to."""

from __future__ import annotations

import os

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
        description="Name of a resource group that is there: used, never created or deleted. Left out: "
        "AZURE_DEFAULTS_GROUP, else one is created for the stack.",
    )
    subnet: str | None = Field(
        default=None,
        description="ARM id of a subnet that a private workspace's endpoints are put into. Left out: a "
        "network is made for the stack, with its names; connect yours to it.",
    )

    @property
    def group(self) -> str | None:
        """The resource group that is there already, by the settings or by the variable that `az` reads."""
        return self.resource_group or os.environ.get("AZURE_DEFAULTS_GROUP") or None
