"""A column: its values, and what was wrong with some of them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Letters that tell categories apart.
_LONGEST = 200
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)\.0+")


class Cell(str):
    """The text of a table without types: a number where a number is wanted and it reads like one."""


@dataclass(frozen=True)
class Column:
    """``values`` are floats without NaN where ``numeric``, else texts; null and mistyped ones are left out.

    ``rows`` counts all, ``nulls`` those without a value, ``mistyped`` what should be a number and is none.
    """

    name: str
    numeric: bool
    values: NDArray[Any]
    rows: int
    nulls: int
    mistyped: int

    @staticmethod
    def of(name: str, raw: Sequence[Any], numeric: bool) -> Column:
        """The column of raw values as JSON, CSV or a table has them."""
        if numeric and (array := _as_floats(raw)) is not None:
            kept = array[~np.isnan(array)]
            return Column(name, True, kept, len(raw), len(raw) - len(kept), 0)
        present = [value for value in raw if not is_null(value)]
        nulls = len(raw) - len(present)
        if not numeric:
            return Column(name, False, _texts(present), len(raw), nulls, 0)
        numbers = [number for value in present if (number := _number(value)) is not None]
        mistyped = len(present) - len(numbers)
        return Column(name, True, np.array(numbers, float), len(raw), nulls, mistyped)


def _texts(present: Sequence[Any]) -> NDArray[Any]:
    return np.array([text(value) for value in present], dtype=str)


def _as_floats(raw: Sequence[Any]) -> NDArray[np.float64] | None:
    """All values at once, where all are numbers."""
    try:
        array = np.asarray(raw) if len(raw) else np.empty(0)
    except ValueError:  # lists of several lengths
        return None
    return array.astype(float) if array.ndim == 1 and array.dtype.kind in "biuf" else None


def is_null(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _number(value: Any) -> float | None:
    """None for what is no number, and for what no float can be."""
    try:
        return float(value) if isinstance(value, int | float | np.number | Cell) else None
    except (ValueError, OverflowError):
        return None


def text(value: Any) -> str:
    """A category's name, however JSON, CSV or a table says it: 3 and 3.0 are one category, so are true and
    True; 007 is another than 7. Of a long text its beginning."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    found = str(value)[:_LONGEST]
    if found in ("True", "False", "TRUE", "FALSE"):
        return found.lower()
    return found.partition(".")[0] if _WHOLE.fullmatch(found) else found
