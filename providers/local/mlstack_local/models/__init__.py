"""The registry of models on this machine: by name and version, with hashes and lineage."""

from mlstack_local.models.flavor import expected, find
from mlstack_local.models.store import (
    MANIFEST,
    Changed,
    NoFlavor,
    Registered,
    look,
    register,
    remove,
    versions,
)

__all__ = [
    "MANIFEST",
    "Changed",
    "NoFlavor",
    "Registered",
    "expected",
    "find",
    "look",
    "register",
    "remove",
    "versions",
]
