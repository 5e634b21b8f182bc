"""Digits: an alert for what has drifted, and none for what has not, counted."""

from __future__ import annotations

import json
from pathlib import Path
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


def clean(kind: str, rng: Any, rows: int) -> Column:
    """Columns in which tests for large counts call often: a value that is nearly never there, a long tail."""
    if kind == "rare":
        return Column.of("c", (rng.random(rows) < 2e-4).astype(float), True)
    return Column.of("c", [str(each) for each in rng.zipf(1.3, rows) % 5000], False)


def clean_rate(kind: str, metric: str, seed: int, windows: int) -> float:
    """The part of clean windows that have any value but 0."""
    rng = np.random.default_rng(seed)
    found = [
        drift.compare(metric, [(clean(kind, rng, 5000), clean(kind, rng, ROWS))], ROWS).value
        for _ in range(windows)
    ]
    return sum(value != 0 for value in found) / windows


@pytest.mark.parametrize("metric", ["psi", "chi-square"])
@pytest.mark.parametrize("kind", ["rare", "long tail"])
def test_columns_of_rare_values_call_no_oftener(kind: str, metric: str) -> None:
    assert clean_rate(kind, metric, 4, 50) <= 1 / 50


@pytest.mark.soak
@pytest.mark.parametrize("metric", ["psi", "chi-square", "jensen-shannon"])
@pytest.mark.parametrize("kind", ["rare", "long tail"])
def test_the_rate_of_false_alarms_is_what_the_docs_say(
    kind: str, metric: str, tmp_path: Path, record_property: Any
) -> None:
    """One in a thousand, over many seeds; the rates are kept as JSON."""
    rates = {seed: clean_rate(kind, metric, seed, 500) for seed in range(100, 110)}
    rate = sum(rates.values()) / len(rates)
    document = {
        "columns": kind,
        "metric": metric,
        "rows": ROWS,
        "windows": 5000,
        "rate": rate,
        "seeds": rates,
    }
    record_property("false_alarms", document)
    (tmp_path / "false-alarms.json").write_text(json.dumps(document, indent=1))
    print(json.dumps(document))
    assert rate <= 0.002  # 5 expected of 5,000; more than 10 come by chance once in 70


def test_one_column_of_64_that_has_drifted_is_found() -> None:
    rng = np.random.default_rng(5)
    baseline, window = rng.normal(size=(5000, 64)), rng.normal(size=(ROWS, 64))
    window[:, 17] += 1
    for metric, threshold in THRESHOLDS.items():
        assert value(metric, baseline, window) > threshold


def test_a_class_that_is_new_to_the_baseline_is_found() -> None:
    known = Column.of("c", ["a", "b"] * 2000 + ["typo"], False)
    window = Column.of("c", ["a", "b"] * 80 + ["new"] * 40, False)
    found = drift.compare("psi", [(known, window)], ROWS)
    assert (found.value or 0) > 0.2
    assert found.plots[0].window[-1] == pytest.approx(0.2)
