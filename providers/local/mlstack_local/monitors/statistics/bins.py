"""Bins that a baseline lays down, and that later windows are counted into."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Deciles, as scorecards have them (N. Siddiqi, Intelligent Credit Scoring, 2nd ed. 2017, ch. 13).
USUAL = 10
#: More categories than this are counted together, the rarest first.
_CATEGORIES = 50

Counts = NDArray[np.int64]


class NumberBins:
    """Quantile bins of numbers: ``edges`` part the line into ``len(edges) + 1`` bins, closed on the right.

    A value that holds several quantiles (a column that is mostly 0) is one edge, so there may be fewer bins
    than asked for. Where the lowest edge is the baseline's least value, a bin below it catches what the
    baseline never had; above the highest there always is one. Infinities fall into the outer bins.
    """

    def __init__(self, baseline: NDArray[np.float64], count: int = USUAL) -> None:
        fractions = np.arange(1, count) / count
        # "inverted_cdf" takes values that are there: between infinities nothing can be interpolated.
        edges = np.unique(np.quantile(baseline, fractions, method="inverted_cdf"))
        if edges[0] == baseline.min():
            edges = np.unique(np.concatenate([[np.nextafter(edges[0], -np.inf)], edges]))
        self.edges: NDArray[np.float64] = edges

    def counts(self, values: NDArray[np.float64]) -> Counts:
        places = np.searchsorted(self.edges, values, side="left")
        return np.bincount(places, minlength=len(self.edges) + 1).astype(np.int64)

    @property
    def labels(self) -> list[str]:
        texts = [f"{edge:.6g}" for edge in self.edges]
        between = [f"{low} to {high}" for low, high in pairwise(texts)]
        return [f"up to {texts[0]}", *between, f"over {texts[-1]}"]


class CategoryBins:
    """A bin for each category of the baseline, one for those that it had rarely, one for new ones."""

    def __init__(self, baseline: Sequence[Any] | NDArray[Any]) -> None:
        names, counts = np.unique(np.asarray(baseline, dtype=str), return_counts=True)
        order = np.argsort(-counts, kind="stable")
        self._names = [str(names[place]) for place in order[:_CATEGORIES]]
        self._rare = {str(names[place]) for place in order[_CATEGORIES:]}
        self._places = {name: place for place, name in enumerate(self._names)}

    def counts(self, values: Sequence[Any] | NDArray[Any]) -> Counts:
        names, counts = np.unique(np.asarray(values, dtype=str), return_counts=True)
        found = np.zeros(len(self._names) + 2, dtype=np.int64)
        for name, count in zip(names, counts, strict=True):
            rest = -2 if str(name) in self._rare else -1
            found[self._places.get(str(name), rest)] += count
        return found

    @property
    def labels(self) -> list[str]:
        return [*self._names, "(other)", "(new)"]
