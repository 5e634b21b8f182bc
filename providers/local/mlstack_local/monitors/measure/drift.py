"""Drift: which columns of a window are distributed otherwise than the baseline's.

Each column has a value, its distance by the monitor's metric. The monitor's value is the largest of those
that chance does not explain, and 0 where there is none. Chance is ruled out when a test of the column gives
a p-value under `CHANCE` divided by the number of columns (Bonferroni), so that of a thousand readings
without drift at most one has any value but 0, however many columns there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlstack_local.monitors import statistics
from mlstack_local.monitors.columns import Column
from mlstack_local.monitors.reading import Measured, MeasureFailed, Plot
from mlstack_local.monitors.statistics import CategoryBins, NumberBins

CHANCE = 0.001
#: Distances between distribution functions: categories have none.
_NUMBERS_ONLY = frozenset({"ks", "wasserstein"})
_PLOTS = 6


@dataclass(frozen=True)
class _Compared:
    name: str
    value: float
    p_value: float
    plot: Plot


def compare(metric: str, pairs: Iterable[tuple[Column, Column]], samples: int) -> Measured:
    """``pairs`` of a column in the baseline and in the window. MeasureFailed: none can be compared."""
    compared, skipped, unfit = [], [], []
    for baseline, window in pairs:
        if not baseline.numeric and metric in _NUMBERS_ONLY:
            unfit.append(baseline.name)
        elif not baseline.values.size or not window.values.size:
            skipped.append(baseline.name)
        else:
            compared.append(_column(metric, baseline, window))
    notes = []
    if unfit:
        notes.append(f"{metric} is for numbers; left out: {_listed(unfit)}. psi measures categories too.")
    if skipped:
        notes.append(f"without a value in the baseline or in the window: {_listed(skipped)}")
    if not compared:
        raise MeasureFailed("; ".join(notes) or "there is no column to compare")
    limit = CHANCE / len(compared)
    compared.sort(key=lambda column: (column.p_value >= limit, -column.value))
    worst = compared[0]
    rows = [_row(column, limit) for column in compared]
    value = worst.value if worst.p_value < limit else 0.0
    return Measured(value, samples, rows, notes, [column.plot for column in compared[:_PLOTS]])


def _row(column: _Compared, limit: float) -> dict[str, Any]:
    return {
        "name": column.name,
        "value": column.value,
        "p_value": column.p_value,
        "chance": column.p_value >= limit,
    }


def _column(metric: str, baseline: Column, window: Column) -> _Compared:
    bins, expected = _laid_down(baseline)
    actual = bins.counts(window.values)
    value, p_value = 0.0, 1.0
    if metric == "ks":
        value, p_value = statistics.ks(baseline.values, window.values)
    elif metric == "wasserstein":
        value = statistics.wasserstein(baseline.values, window.values)
        p_value = statistics.ks(baseline.values, window.values).p_value
    elif metric == "chi-square":
        value, p_value = statistics.chi_square(expected, actual)
    else:
        distance = {"psi": statistics.psi, "jensen-shannon": statistics.jensen_shannon}[metric]
        value, p_value = distance(expected, actual), statistics.chance(expected, actual)
    shares = (expected / expected.sum()).tolist(), (actual / actual.sum()).tolist()
    return _Compared(baseline.name, value, p_value, Plot(baseline.name, bins.labels, *shares))


def _laid_down(baseline: Column) -> tuple[NumberBins | CategoryBins, Any]:
    """Bins, and how many of the baseline are in each.

    Where some categories came only once, there are more that it has not seen, and a clean window has some of
    those. One half of the baseline then says which are known, the other how many are new to it.
    """
    if baseline.numeric:
        numbers = NumberBins(baseline.values)
        return numbers, numbers.counts(baseline.values)
    known = counted = baseline.values
    if (np.unique(baseline.values, return_counts=True)[1] == 1).any() and baseline.values.size > 1:
        order = np.random.default_rng(0).permutation(baseline.values.size)
        known, counted = baseline.values[order[::2]], baseline.values[order[1::2]]
    classes = CategoryBins(known)
    return classes, classes.counts(counted)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
