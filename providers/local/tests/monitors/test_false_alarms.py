"""Digits: an alert for what has drifted, and none for what has not, counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from mlstack_local.monitors.columns import Column
from mlstack_local.monitors.measure import drift

from .conftest import noisy, rotated

THRESHOLDS = {"psi": 0.2, "ks": 0.15, "jensen-shannon": 0.15, "chi-square": 0.5, "wasserstein": 0.3}
ROWS = 200  # the least that a reading takes unless it is told otherwise


def value(metric: str, baseline: Any, window: Any) -> float:
    pairs = [
        (Column.of(str(place), baseline[:, place], True), Column.of(str(place), window[:, place], True))
        for place in range(baseline.shape[1])
    ]
    found = drift.compare(metric, pairs, len(window)).value
    assert found is not None
    return found


@pytest.mark.parametrize("metric", THRESHOLDS)
def test_digits(digits: Any, metric: str) -> None:
    """Ten clean windows that the baseline has not seen; then the same turned, and with noise."""
    rng = np.random.default_rng(1)
    alarms, seen = 0, {"turned": 0, "noisy": 0}
    for _ in range(10):
        order = rng.permutation(len(digits))
        baseline, window = digits[order[ROWS:]], digits[order[:ROWS]]
        alarms += value(metric, baseline, window) > THRESHOLDS[metric]
        seen["turned"] += value(metric, baseline, rotated(window)) > THRESHOLDS[metric]
        seen["noisy"] += value(metric, baseline, noisy(window, rng)) > THRESHOLDS[metric]
    assert alarms == 0
    assert seen == {"turned": 10, "noisy": 10}


def test_of_many_clean_windows_few_have_a_value_at_all(digits: Any) -> None:
    """Whatever the threshold is: chance explains what differs between 64 columns of clean windows."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(60):
        order = rng.permutation(len(digits))
        found.append(value("psi", digits[order[ROWS:]], digits[order[:ROWS]]))
    assert sum(each > 0 for each in found) <= 2


def test_without_the_test_for_chance_small_windows_would_call_often(digits: Any) -> None:
    """Why there are both: the largest raw PSI of 64 clean columns is over 0.2 in most windows of 50 rows."""
    rng = np.random.default_rng(3)
    raw, tested = 0, 0
    for _ in range(10):
        order = rng.permutation(len(digits))
        pairs = [
            (Column.of(str(p), digits[order[50:], p], True), Column.of(str(p), digits[order[:50], p], True))
            for p in range(64)
        ]
        found = drift.compare("psi", pairs, 50)
        raw += max(row["value"] for row in found.columns) > 0.2
        tested += (found.value or 0) > 0.2
    assert raw >= 8
    assert tested == 0
