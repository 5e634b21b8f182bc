"""Latencies of many requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlstack.runtime import Answer


def measure(ask: Callable[[], Answer], *, repeat: int, concurrency: int) -> dict[str, Any]:
    """Ask ``repeat`` times, ``concurrency`` at once. Percentiles in milliseconds, of answers below 400."""

    def once(_number: int) -> Answer | None:
        try:
            return ask()
        except Exception:  # a request that got no answer counts as failed, whatever the reason
            return None

    begun = time.perf_counter()
    with ThreadPoolExecutor(concurrency) as pool:
        answers = list(pool.map(once, range(repeat)))
    seconds = time.perf_counter() - begun
    took = sorted(answer.seconds * 1000 for answer in answers if answer and answer.status < 400)
    return {
        "requests": repeat,
        "failed": repeat - len(took),
        "seconds": round(seconds, 3),
        "rps": round(repeat / seconds, 1),
        **{f"p{percent}": percentile(took, percent) for percent in (50, 95, 99)},
    }


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return round(ordered[max(rank, 1) - 1], 2)
