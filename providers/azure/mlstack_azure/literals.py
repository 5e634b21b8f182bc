"""Literals of the spec as Azure ML passes them to a command: always text."""

from __future__ import annotations

import json
from datetime import date
from typing import Any


def literal(value: Any) -> str:
    """As Azure's own client writes them: True and False with a capital; lists and mappings as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, default=str)
