"""URIs that jobs and models on Vertex AI read, and those that they do not."""

from __future__ import annotations

import re
from typing import Any

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_STORES = {
    "s3": "copy it once (gcloud storage cp -r s3://… gs://…), and name that; or run on SageMaker",
    "azureml": "copy it to a bucket, and name that; or run on Azure ML",
    "https": "copy it to a bucket (curl … | gcloud storage cp - gs://…), and name that",
    "bq": "export it to a bucket (bq extract), and name that",
    "hf": "have a job fetch it from the hub, and refer to that job's output",
}


def scheme(path: Any) -> str | None:
    """The scheme of a URI, in small letters; None for a path of this machine."""
    found = _SCHEME.match(path) if isinstance(path, str) else None
    return found[1].lower() if found else None


def problem(path: str) -> tuple[str, str] | None:
    """(message, remedy) for a URI that is not read."""
    kind = scheme(path)
    if kind is None or kind == "gs":
        return None
    way_out = _STORES.get({"s3a": "s3", "http": "https"}.get(kind, kind))
    return f"Vertex AI does not read {kind}://", way_out or "copy it to a bucket: it reads gs:// alone"
