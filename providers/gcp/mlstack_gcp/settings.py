"""``settings.gcp``: where to."""

from __future__ import annotations

from pydantic import Field

from mlstack.provider import Settings as BaseSettings


class Settings(BaseSettings):
    """``settings.gcp``."""

    project: str | None = Field(
        default=None,
        description="Id of the project. Left out: GOOGLE_PROJECT or GOOGLE_CLOUD_PROJECT, else the one that "
        "the credentials name.",
    )
    service_account: str | None = Field(
        default=None,
        description="E-mail of the service account that models and jobs run as; used, not changed. Left out: "
        "one is made, with the rights that the stack needs and no more.",
    )
    network: str | None = Field(
        default=None,
        description="Name of a VPC network, in the project, that a private workspace uses; it is peered with "
        "Google's services already, and stays as it is. Left out: one is made and peered.",
    )
    access_log: bool = Field(
        default=False,
        description="Whether Vertex AI logs each request to an endpoint in Cloud Logging, which has a price; "
        "`mlstack logs --access` shows them. Left out: false.",
    )
