"""Which Azure: the public one, a sovereign one, an address of one's own, or the emulated one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from mlstack import door
from mlstack.errors import UsageError

#: The version of the machine learning interface that is spoken: the one of azure-native 3.29 and azure-ai-ml.
ML_API = "2025-12-01"

#: Which cloud, in the words of azure-native and of the Terraform provider; Azure's own are understood too.
ENVIRONMENT = ("ARM_ENVIRONMENT", "AZURE_ENVIRONMENT")
#: Another address of the resource manager (a proxy, an Azure Stack), and of blobs ("{account}" is replaced).
URL = "MLSTACK_AZURE_URL"
BLOB_URL = "MLSTACK_AZURE_BLOB_URL"


@dataclass(frozen=True)
class Cloud:
    """Addresses of one Azure. ``emulated``: a rehearsal, where the token is a word that nobody checks."""

    url: str
    audience: str
    login: str
    ml_audience: str
    blob_url: str
    studio: str
    emulated: bool = False
    #: Blobs are at ``blob_url`` whatever a datastore says.
    own_blobs: bool = False

    @property
    def scope(self) -> str:
        """What a token for the resource manager is asked for."""
        return f"{self.audience.rstrip('/')}/.default"

    def blob(self, account: str) -> str:
        """The address of an account's blobs, without a slash at its end."""
        return self.blob_url.format(account=account).rstrip("/")

    def store(self, account: str) -> str:
        """The same as Azure's own services know it: in a rehearsal, too, a name as on the real cloud."""
        return PUBLIC.blob(account) if self.emulated else self.blob(account)


PUBLIC = Cloud(
    url="https://management.azure.com",
    audience="https://management.azure.com",
    login="https://login.microsoftonline.com",
    ml_audience="https://ml.azure.com/.default",
    blob_url="https://{account}.blob.core.windows.net",
    studio="https://ml.azure.com",
)
GOVERNMENT = Cloud(
    url="https://management.usgovcloudapi.net",
    audience="https://management.usgovcloudapi.net",
    login="https://login.microsoftonline.us",
    ml_audience="https://ml.azure.us/.default",
    blob_url="https://{account}.blob.core.usgovcloudapi.net",
    studio="https://ml.azure.us",
)
CHINA = Cloud(
    url="https://management.chinacloudapi.cn",
    audience="https://management.chinacloudapi.cn",
    login="https://login.chinacloudapi.cn",
    ml_audience="https://ml.azure.cn/.default",
    blob_url="https://{account}.blob.core.chinacloudapi.cn",
    studio="https://studio.ml.azure.cn",
)
_NAMES = {
    "": PUBLIC,
    "public": PUBLIC,
    "azurecloud": PUBLIC,
    "azurepubliccloud": PUBLIC,
    "usgovernment": GOVERNMENT,
    "azureusgovernment": GOVERNMENT,
    "china": CHINA,
    "azurechinacloud": CHINA,
}


def here(environment: Mapping[str, str] = os.environ) -> Cloud:
    """The Azure that this process is to talk to. Raises UsageError for one that is not known."""
    emulated = door.url()
    if emulated:
        base = emulated.rstrip("/")
        return Cloud(
            url=base,
            audience=base,
            login=base,
            ml_audience=f"{base}/.default",
            blob_url=environment.get(BLOB_URL) or f"{base}/blob/{{account}}",
            studio=PUBLIC.studio,
            emulated=True,
            own_blobs=True,
        )
    variable = next((name for name in ENVIRONMENT if environment.get(name)), ENVIRONMENT[0])
    name = environment.get(variable, "")
    cloud = _NAMES.get(name.lower().replace("_", ""))
    if cloud is None:
        raise UsageError(
            f"{variable} names no Azure: {name!r}",
            code="bad-setting",
            remedy="public, usgovernment or china; or set MLSTACK_AZURE_URL to the address of the resource "
            "manager",
        )
    return Cloud(
        url=(environment.get(URL) or cloud.url).rstrip("/"),
        audience=cloud.audience,
        login=environment.get("AZURE_AUTHORITY_HOST") or cloud.login,
        ml_audience=cloud.ml_audience,
        blob_url=environment.get(BLOB_URL) or cloud.blob_url,
        studio=cloud.studio,
        own_blobs=bool(environment.get(BLOB_URL)),
    )
