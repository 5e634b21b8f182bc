"""Data quality: the share of values that are missing, of another type, or out of bounds.

The monitor's value is the largest of its columns'. Rows that could not be read at all are in no column: for
type errors they count as a column of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mlstack_local.monitors.columns import Column
from mlstack_local.monitors.reading import Measured

Bounds = tuple[float, float] | None

UNREADABLE = "(rows that cannot be read)"


def rates(
    metric: str,
    pairs: Iterable[tuple[Column, Column]],
    bounds: Callable[[str], Bounds],
    rows: int,
    bad: int,
) -> Measured:
    """``pairs`` of a column in the baseline and in the window of ``rows`` rows; ``bad`` came beside them."""
    found: list[dict[str, Any]] = [
        {"name": window.name, "value": rate(metric, baseline, window, bounds(window.name))}
        for baseline, window in pairs
    ]
    if metric == "type-error-rate" and rows + bad:
        found.append({"name": UNREADABLE, "value": bad / (rows + bad)})
    found.sort(key=lambda row: -row["value"])
    notes = [f"{bad} rows or requests could not be read"] if bad else []
    return Measured(found[0]["value"] if found else None, rows + bad, found, notes)


def rate(metric: str, baseline: Column, window: Column, bounds: Bounds) -> float:
    """Of null rates and type errors: of all rows. Out of bounds: of the values that there are.

    ``bounds`` are the least and the greatest number of the baseline; of categories they are its own.
    """
    if metric == "null-rate":
        return window.nulls / window.rows if window.rows else 0.0
    if metric == "type-error-rate":
        return window.mistyped / window.rows if window.rows else 0.0
    if not window.values.size or not baseline.values.size:
        return 0.0
    if bounds is not None:
        outside = (window.values < bounds[0]) | (window.values > bounds[1])
    else:
        outside = ~np.isin(window.values, np.unique(baseline.values))
    return float(outside.mean())
