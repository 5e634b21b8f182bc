"""Which region a stack is in whose spec names none."""

from __future__ import annotations

import os

from mlstack.provider import Config

USUAL = "us-east-1"
#: The AWS SDKs' own, in their order.
VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


def usual(config: Config) -> str:
    """By the variables that AWS's own tools read, else by pulumi-aws's config, else the usual one."""
    named = next((value for name in VARIABLES if (value := os.environ.get(name))), None)
    return named or config("aws:region") or USUAL
