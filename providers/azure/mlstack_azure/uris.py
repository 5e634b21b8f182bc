"""URIs that Azure ML reads data and models from, and those that it does not."""

from __future__ import annotations

import re
from typing import Any

#: Source: Azure ML, "Create and manage data assets", supported paths.
READ = ("azureml", "https", "http", "abfss", "abfs", "wasbs", "wasb")

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_STORES = {
    "s3": "copy it once (azcopy copy 'https://s3.…' 'https://ACCOUNT.blob.core.windows.net/…'), or make a "
    "OneLake shortcut to it, and name that; or run on SageMaker",
    "gs": "copy it once (azcopy copy 'https://storage.cloud.google.com/…' "
    "'https://ACCOUNT.blob.core.windows.net/…'), and name that; or run on Vertex AI",
    "hf": "have a job fetch it from the hub, and refer to that job's output",
}


def scheme(path: Any) -> str | None:
    """The scheme of a URI, in small letters; None for a path of this machine."""
    found = _SCHEME.match(path) if isinstance(path, str) else None
    return found[1].lower() if found else None


def problem(path: str) -> tuple[str, str] | None:
    """(message, remedy) for a URI that Azure ML does not read."""
    kind = scheme(path)
    if kind is None or kind in READ:
        return None
    way_out = _STORES.get({"gcs": "gs", "s3a": "s3"}.get(kind, kind))
    return (
        f"Azure ML does not read {kind}://",
        way_out or f"copy it to a storage account of Azure; it reads {', '.join(READ)}",
    )
