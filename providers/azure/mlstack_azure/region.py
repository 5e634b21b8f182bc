"""Which region a stack is in whose spec names none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlstack.provider import Config

if TYPE_CHECKING:
    from mlstack.spec import Stack

USUAL = "eastus"
VARIABLE = "AZURE_DEFAULTS_LOCATION"


def given(config: Config) -> str | None:
    """By the variable that `az` reads, or by azure-native's config."""
    return os.environ.get(VARIABLE) or config("azure-native:location")


def before(stack: Stack | None, config: Config) -> str | None:
    """As far as it is known before the program runs: a workspace that exists says where it is only then."""
    found = given(config)
    existing = stack.workspace.existing if stack is not None and stack.workspace is not None else None
    return found or (USUAL if existing in (None, "auto") else None)
