"""The clouds whose changes are tried: a target whose documents say what a change leads to."""

from __future__ import annotations

from importlib import import_module

from tests.changes.table import Changes

CLOUDS: list[Changes] = [
    import_module(f"providers.{name}.tests.changes.table").CHANGES for name in ("aws", "azure", "gcp")
]
