"""URIs that SageMaker reads data and models from, and those that it does not."""

from __future__ import annotations

import re
from typing import Any

from mlstack.lowering.support import Refusal
from mlstack.spec import Stack

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_STORES = {
    "gs": "copy it once (gcloud storage cp -r gs://… s3://…), and name that; or run on Vertex AI",
    "azureml": "copy it once (rclone copy azureblob:… s3:…), and name that; or run on Azure ML",
    "https": "copy it to a bucket (curl … | aws s3 cp - s3://…), and name that",
    "hf": "have a job fetch it from the hub, and refer to that job's output",
}


def scheme(path: Any) -> str | None:
    """The scheme of a URI, in small letters; None for a path of this machine."""
    found = _SCHEME.match(path) if isinstance(path, str) else None
    return found[1].lower() if found else None


def unusable(stack: Stack, place: tuple[str | int, ...], path: Any) -> Refusal | None:
    """The refusal of a path that is not there, or of a URI that SageMaker does not read; None: it will do."""
    if not isinstance(path, str):
        return None
    kind = scheme(path)
    if kind == "s3":
        return None
    if kind is not None:
        store = {"gcs": "gs", "http": "https"}.get(
            kind, "azureml" if kind.startswith(("abfs", "wasb")) else kind
        )
        way_out = _STORES.get(store, "copy it to a bucket of S3, and name that")
        return place, f"SageMaker does not read {kind}://", way_out
    if not (stack.root / path).exists():
        return place, f"there is no {path}", "paths are relative to the spec's folder"
    return None
