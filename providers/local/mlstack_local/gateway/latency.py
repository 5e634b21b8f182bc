"""Latencies in buckets that grow by a twentieth, so that any quantile is right within 5 percent.

The wire form is sparse: bucket index -> how many. Counts of two moments subtract to those of the time
between them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

_FIRST = 0.0001  # seconds; what is faster is as fast as that
_GROWTH = math.log(1.05)


def bucket(seconds: float) -> int:
    """Index of the bucket that a duration falls into."""
    return max(0, math.ceil(math.log(max(seconds, _FIRST) / _FIRST) / _GROWTH - 1e-9))


def upper(index: int) -> float:
    """The longest duration of a bucket, in seconds."""
    return _FIRST * math.exp(index * _GROWTH)


def quantile(counts: Mapping[int, int], fraction: float) -> float | None:
    """The nearest-rank quantile in seconds, as the upper end of its bucket; None of nothing."""
    total = sum(counts.values())
    if total <= 0:
        return None
    rank, seen = max(1, math.ceil(fraction * total)), 0
    for index in sorted(counts):
        seen += counts[index]
        if seen >= rank:
            return upper(index)
    raise AssertionError("the ranks end with the total")
