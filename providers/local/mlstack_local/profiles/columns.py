"""What is counted of one column while a table goes by, and what comes of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlstack_local.profiles.profile import PROBABILITIES, Column, ColumnType
from mlstack_local.profiles.types import is_number

#: Distinct values that are counted; those that come up later count as others.
_COUNTED = 10_000
#: Categories that a profile lists.
_LISTED = 100
#: Text with more distinct values than this, or with one for every second row, is text and no category.
_CATEGORIES = 1000
_FEW = 20
#: Whole numbers of a label or a prediction are classes where there are no more of them than this.
_CLASSES = 50


class Tally:
    """Counts, moments and frequencies of the batches of one column."""

    def __init__(self) -> None:
        self.kind: Any = None
        self.count = 0
        self.min = math.inf
        self.max = -math.inf
        self.mean = 0.0
        self._squares = 0.0
        self.values: dict[Any, int] | None = {}
        self.overflown = False

    @property
    def std(self) -> float:
        return math.sqrt(self._squares / self.count) if self.count else 0.0

    def add(self, column: Any) -> None:
        self.kind = column.type
        numbers = as_numbers(column)
        if numbers is not None:
            self._moments(numbers)
        else:
            self.count += len(column) - column.null_count
        if self.values is not None and not pa.types.is_floating(self.kind):
            self._frequencies(column)

    def _moments(self, numbers: Any) -> None:
        """Of a batch, joined to those before (Chan, Golub and LeVeque, 1979)."""
        if not len(numbers):
            return
        count, mean = len(numbers), float(numbers.mean())
        squares = float(((numbers - mean) ** 2).sum())
        total, delta = self.count + count, mean - self.mean
        self._squares += squares + delta**2 * self.count * count / total
        self.mean += delta * count / total
        self.count = total
        self.min = min(self.min, float(numbers.min()))
        self.max = max(self.max, float(numbers.max()))

    def _frequencies(self, column: Any) -> None:
        assert self.values is not None
        for pair in pc.value_counts(column.drop_null()):
            value, count = pair["values"].as_py(), pair["counts"].as_py()
            if value in self.values or len(self.values) < _COUNTED:
                self.values[value] = self.values.get(value, 0) + count
            else:
                self.overflown = True


def as_numbers(column: Any) -> Any:
    """The values of a numeric, boolean or time column as floats, without nulls, NaN and infinite ones;
    times in seconds. None for text."""
    kind = column.type
    if pa.types.is_date(kind):
        column, kind = column.cast(pa.timestamp("s")), pa.timestamp("s")
    if pa.types.is_timestamp(kind):
        per_second = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit]
        return column.drop_null().cast(pa.int64()).to_numpy(zero_copy_only=False) / per_second
    if pa.types.is_boolean(kind) or is_number(kind):
        numbers = column.drop_null().cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return numbers[np.isfinite(numbers)]
    return None


def finish(
    tally: Tally, sampled: Any, rows: int, *, categorical: bool, target: bool, timestamp: bool
) -> Column:
    """The column's part of the profile; what it means decides with its values what type it is of."""
    distinct = len(tally.values) if tally.values is not None and not tally.overflown else None
    kind = _type(tally, distinct, categorical=categorical, target=target, timestamp=timestamp)
    numbers = as_numbers(sampled.combine_chunks())
    common: dict[str, Any] = {"type": kind, "count": tally.count, "nulls": rows - tally.count}
    if numbers is not None and tally.count:
        common |= {"min": tally.min, "max": tally.max, "mean": tally.mean, "std": tally.std}
        if kind in ("numeric", "timestamp") and len(numbers):
            common |= _distribution(numbers, tally)
    if pa.types.is_floating(tally.kind) and not categorical:
        return Column(**common)
    listed = kind in ("categorical", "boolean") or (distinct is not None and distinct <= _LISTED)
    categories = _categories(tally, sampled) if listed else {}
    other = tally.count - sum(categories.values()) if categories else 0
    return Column(**common, distinct=distinct, categories=categories, other=max(other, 0))


def _type(
    tally: Tally, distinct: int | None, *, categorical: bool, target: bool, timestamp: bool
) -> ColumnType:
    kind = tally.kind
    if categorical:
        return "categorical"
    if timestamp or pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "timestamp"
    if pa.types.is_boolean(kind):
        return "boolean"
    if is_number(kind):
        classes = target and pa.types.is_integer(kind) and distinct is not None and distinct <= _CLASSES
        return "categorical" if classes else "numeric"
    few = distinct is not None and distinct <= max(_FEW, min(_CATEGORIES, tally.count // 2))
    return "categorical" if few or (target and distinct is not None) else "text"


def _distribution(numbers: Any, tally: Tally) -> dict[str, Any]:
    quantiles = np.quantile(numbers, PROBABILITIES)
    quantiles[0], quantiles[-1] = tally.min, tally.max
    edges = np.unique(quantiles[2:-2:2])
    if len(edges) < 9:
        edges = np.union1d(edges, [tally.min, np.nextafter(tally.max, np.inf)])
    bins = np.bincount(np.searchsorted(edges, numbers, side="right"), minlength=len(edges) + 1)
    return {
        "quantiles": tuple(quantiles.tolist()),
        "edges": tuple(edges.tolist()),
        "bins": tuple(bins.tolist()),
    }


def _categories(tally: Tally, sampled: Any) -> dict[str, int]:
    """The most frequent values. Fractions are not counted as they go by: theirs are the sample's."""
    counts = tally.values
    if pa.types.is_floating(tally.kind):
        counts = {p["values"].as_py(): p["counts"].as_py() for p in pc.value_counts(sampled.drop_null())}
    ordered = sorted((counts or {}).items(), key=lambda item: (-item[1], str(item[0])))
    return {text_of(value): count for value, count in ordered[:_LISTED]}


def text_of(value: Any) -> str:
    """A category as the profile names it: whole numbers without a fraction, true and false as in JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
