"""Which region a stack is in whose spec names none."""

from __future__ import annotations

import os

from mlstack.provider import Config

USUAL = "us-central1"
#: Of pulumi-gcp and of Google's SDKs for Python, in their order.
VARIABLES = ("GOOGLE_REGION", "CLOUDSDK_COMPUTE_REGION", "GOOGLE_CLOUD_REGION", "CLOUD_ML_REGION")


def usual(config: Config) -> str:
    """By the variables that Google's own tools read, else by pulumi-gcp's config, else the usual one."""
    named = next((value for name in VARIABLES if (value := os.environ.get(name))), None)
    return named or config("gcp:region") or USUAL
