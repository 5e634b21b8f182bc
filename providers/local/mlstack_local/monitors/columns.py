"""A column: its values, and what was wrong with some of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
            return Column(name, False, np.array([text(value) for value in present], str), len(raw), nulls, 0)
        numbers = [float(value) for value in present if is_number(value)]
        mistyped = len(present) - len(numbers)
        return Column(name, True, np.array(numbers, float), len(raw), nulls, mistyped)


def _as_floats(raw: Sequence[Any]) -> NDArray[np.float64] | None:
    """All values at once, where all are numbers."""
    array = np.asarray(raw) if len(raw) else np.empty(0)
    return array.astype(float) if array.ndim == 1 and array.dtype.kind in "biuf" else None


def is_null(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)


def text(value: Any) -> str:
    """A category's name: 3 and 3.0 are one category, whether JSON, CSV or a table says it."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def looks_numeric(raw: Iterable[Any]) -> bool:
    """Whether all values that are there are numbers (truth values are categories), and there is one."""
    present = [value for value in raw if not is_null(value)]
    return bool(present) and all(
        is_number(value) and not isinstance(value, bool | np.bool_) for value in present
    )
