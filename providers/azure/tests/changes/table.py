"""The tables of changes on Azure: as Azure's own documents and azure-native's code say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.changes import table

_HERE = Path(__file__).parent
_PLACE: dict[str, Any] = {"version": 1, "name": "changes", "cloud": "azure", "region": "westeurope"}
_BASE: dict[str, Any] = {
    **_PLACE,
    "settings": {"azure": {"resource_group": "ml"}},
    "workspace": {"existing": "ml"},
    "environments": {"base": {"packages": ["lightgbm==4.6.0"]}},
}
TABLES = table.tables(_HERE, _BASE)
#: Of what a stack has one of: a workspace of its own, with all that belongs to it.
WHOLE = table.whole(_HERE / "whole.yaml", _PLACE)
#: Resources of mlstack's own, of which a run is counted where it shows: on the platform.
OURS = ("Upload", "Job")
