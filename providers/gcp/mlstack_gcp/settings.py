"""``settings.gcp``: where to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlstack.lowering.settings import formed
from mlstack.provider import Settings as BaseSettings

#: Resource Manager, "Creating and managing projects"; of older projects with their domain before a colon.
_PROJECT = formed(
    r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]",
    "id of a project",
    "write its id: 6 to 30 small letters, digits and hyphens; `gcloud projects list` shows it",
)
_ACCOUNT = formed(
    r"[^@\s]+@[^@\s]+", "e-mail of a service account", "write NAME@PROJECT.iam.gserviceaccount.com"
)
_NETWORK = formed(
    r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
    "name of a network",
    "write its name alone, as `gcloud compute networks list` shows it",
)


class Settings(BaseSettings):
    """``settings.gcp``."""

    project: Annotated[str, _PROJECT] | None = Field(
        default=None,
        description="Id of the project. Left out: GOOGLE_PROJECT or GOOGLE_CLOUD_PROJECT, else the one that "
        "the credentials name.",
    )
    service_account: Annotated[str, _ACCOUNT] | None = Field(
        default=None,
        description="E-mail of the service account that models and jobs run as; used, not changed. Left out: "
        "one is made, with the rights that the stack needs and no more.",
    )
    network: Annotated[str, _NETWORK] | None = Field(
        default=None,
        description="Name of a VPC network, in the project, that a private workspace uses; it is peered with "
        "Google's services already, and stays as it is. Left out: one is made and peered.",
    )
    access_log: bool = Field(
        default=False,
        description="Whether Vertex AI logs each request to an endpoint in Cloud Logging, which has a price; "
        "`mlstack logs --access` shows them. Left out: false.",
    )
