"""The distances: equal to others' where others have them, and well-behaved at the edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.spatial
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mlstack_local.monitors.statistics import (
    CategoryBins,
    NumberBins,
    chance,
    chi_square,
    jensen_shannon,
    ks,
    ndcg,
    psi,
    wasserstein,
)
from sklearn.metrics import ndcg_score

#: Whole numbers: sums and scalings by powers of two are exact, so equalities hold without tolerance.
samples = arrays(float, st.integers(1, 60), elements=st.integers(-50, 50).map(float))
anything = arrays(float, st.integers(1, 60), elements=st.floats(allow_nan=False, width=32))
counts = st.integers(2, 12).flatmap(
    lambda bins: st.tuples(*[
        arrays(np.int64, bins, elements=st.integers(0, 500)).filter(lambda found: found.sum() > 0)
        for _ in range(2)
    ])
)  # fmt: skip


def test_psi_equals_a_published_example() -> None:
    """The example of psi() in the reference of the R package KAscore, which follows Siddiqi (2017), p. 369.

    ketchbrookanalytics.github.io/KAscore/reference/psi.html draws 1000 and 200 rows over four score ranges
    after set.seed(123), and prints 0.3404592. These are the counts that R's generator gives.
    """
    development, monitoring = np.array([248, 247, 260, 245]), np.array([13, 43, 63, 81])
    assert round(psi(development, monitoring), 7) == 0.3404592


def test_an_empty_bin_counts_as_half_a_row() -> None:
    filled = psi(np.array([100, 100]), np.array([50, 0]))
    assert filled == pytest.approx((1 - 0.5) * math.log(1 / 0.5) + (0.01 - 0.5) * math.log(0.01 / 0.5))
    assert psi(np.array([5, 5, 0]), np.array([5, 5, 0])) == 0


@given(counts)
def test_psi_and_jensen_shannon_are_symmetric_and_0_for_equal_shares(pair: Any) -> None:
    one, other = pair
    assert psi(one, other) == pytest.approx(psi(other, one))
    assert jensen_shannon(one, other) == pytest.approx(jensen_shannon(other, one), abs=1e-7)
    assert psi(one, one) == 0
    assert jensen_shannon(one, one * 3) == pytest.approx(0, abs=1e-7)
    assert psi(one, other) >= 0
    assert 0 <= jensen_shannon(one, other) <= 1 + 1e-12


@given(counts)
def test_jensen_shannon_is_scipys(pair: Any) -> None:
    one, other = pair
    theirs = scipy.spatial.distance.jensenshannon(one, other, base=2)
    assert jensen_shannon(one, other) == pytest.approx(theirs, abs=1e-6)


@given(counts)
def test_chi_square_is_scipys_statistic_per_row(pair: Any) -> None:
    expected, actual = pair
    expected = expected + 1  # scipy's test of goodness of fit knows no empty bins
    wanted = expected / expected.sum() * actual.sum()
    theirs = scipy.stats.chisquare(actual, wanted).statistic
    found = chi_square(expected, actual)
    assert found.statistic == pytest.approx(math.sqrt(theirs / actual.sum()), abs=1e-7)
    assert found.p_value == chance(expected, actual)
    assert chi_square(expected, expected) == (0, pytest.approx(1))


def test_a_window_that_shares_no_common_bin_with_the_baseline_has_drifted() -> None:
    assert chance(np.array([17, 17, 1]), np.array([0, 0, 15])) < 1e-6


@given(samples, samples)
def test_ks_is_scipys(one: Any, other: Any) -> None:
    theirs = scipy.stats.ks_2samp(one, other)
    assert ks(one, other).statistic == pytest.approx(theirs.statistic)
    assert ks(one, other).statistic == ks(other, one).statistic
    assert ks(one * 4 + 3, other * 4 + 3) == ks(one, other)
    assert ks(one, one) == (0, 1)


@given(samples, samples)
def test_wasserstein_is_scipys_per_deviation_and_without_a_unit(one: Any, other: Any) -> None:
    if np.ptp(one) > 0:
        assert wasserstein(one, other) == pytest.approx(
            scipy.stats.wasserstein_distance(one, other) / one.std()
        )
        assert wasserstein(one * 4 + 8, other * 4 + 8) == pytest.approx(wasserstein(one, other))
    else:
        assert wasserstein(one, other) == pytest.approx(scipy.stats.wasserstein_distance(one, other))
    assert wasserstein(one, one) == 0


@given(anything, anything)
def test_every_value_falls_into_one_bin(baseline: Any, window: Any) -> None:
    bins = NumberBins(baseline)
    assert bins.counts(window).sum() == window.size
    assert len(bins.counts(window)) == len(bins.labels) == len(bins.edges) + 1
    assert psi(bins.counts(baseline), bins.counts(baseline)) == 0


@given(samples, samples)
def test_bins_move_with_their_column(baseline: Any, window: Any) -> None:
    """PSI does not depend on the unit of a column."""
    plain = NumberBins(baseline).counts(window).tolist()
    # The bin under the least value is as thin as floats go, so it holds nothing before or after.
    assert NumberBins(baseline * 2 + 64).counts(window * 2 + 64).tolist() == plain


def test_a_constant_column_shows_a_move_to_either_side() -> None:
    bins = NumberBins(np.full(500, 3.0))
    at_home = bins.counts(np.full(200, 3.0))
    for moved in (2.0, 4.0, np.inf, -np.inf):
        assert psi(at_home, bins.counts(np.full(200, moved))) > 1
    assert psi(at_home, bins.counts(np.full(7, 3.0))) == 0


def test_a_column_that_is_mostly_0_shows_negative_values() -> None:
    baseline = np.array([0.0] * 900 + list(range(1, 101)))
    bins = NumberBins(baseline)
    window = np.where(np.arange(200) % 2, 0.0, -1.0)
    assert psi(bins.counts(baseline), bins.counts(window)) > 1


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinities_are_values_as_others(value: float) -> None:
    baseline, window = np.arange(100.0), np.where(np.arange(100) < 50, np.arange(100.0), value)
    bins = NumberBins(baseline)
    assert psi(bins.counts(baseline), bins.counts(window)) > 0.5
    assert ks(baseline, window).statistic == pytest.approx(0.5)
    assert math.isfinite(wasserstein(baseline, window))
    assert NumberBins(window).counts(baseline).sum() == 100


def test_one_row_is_enough_to_say_something() -> None:
    bins = NumberBins(np.array([5.0]))
    assert psi(bins.counts(np.array([5.0])), bins.counts(np.array([6.0]))) > 0
    assert chance(np.array([1, 0]), np.array([0, 1])) > 0.1


def test_new_and_rare_categories_have_bins_of_their_own() -> None:
    baseline = ["a"] * 500 + ["b"] * 300 + [f"rare{number}" for number in range(60)]
    bins = CategoryBins(baseline)
    found = dict(zip(bins.labels, bins.counts(["a", "rare59", "never", "never"]), strict=True))
    assert (found["a"], found["b"], found["(other)"], found["(new)"]) == (1, 0, 1, 2)
    assert bins.counts(baseline).sum() == 860
    assert psi(bins.counts(baseline), bins.counts(["never"] * 100)) > 5


@given(st.lists(st.sampled_from("abcde"), min_size=1), st.lists(st.sampled_from("abcdefg"), min_size=1))
def test_every_category_falls_into_one_bin(baseline: list[str], window: list[str]) -> None:
    bins = CategoryBins(baseline)
    assert bins.counts(window).sum() == len(window)
    assert psi(bins.counts(baseline), bins.counts(baseline * 2)) == pytest.approx(0)


@given(
    st.lists(st.floats(0.01, 10), min_size=2, max_size=12, unique=True),
    st.randoms(use_true_random=False),
)
def test_ndcg_is_scikit_learns(baseline: list[float], random: Any) -> None:
    window = random.sample(range(1, 100), len(baseline))
    assert ndcg(baseline, window) == pytest.approx(ndcg_score([baseline], [window]))
    assert ndcg(baseline, [10 * each for each in baseline]) == pytest.approx(1)
    assert 0 < ndcg(baseline, window) <= 1 + 1e-12


def test_psi_without_drift_has_the_mean_that_theory_gives() -> None:
    """(bins - 1) * (1/n + 1/m): the noise that a threshold has to be above."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        bins = NumberBins(fresh := rng.normal(size=2000))
        found.append(psi(bins.counts(fresh), bins.counts(rng.normal(size=200))))
    theory = 9 * (1 / 200 + 1 / 2000)
    assert np.mean(found) == pytest.approx(theory, rel=0.1)
