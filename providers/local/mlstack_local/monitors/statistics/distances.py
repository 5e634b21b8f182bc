"""Distances between two distributions, and whether chance alone explains one.

Counts are per bin, of the baseline first; samples are arrays without NaN. All distances are 0 for equal
distributions and do not depend on the order of values. None of them is defined for an empty side: the
callers leave such columns out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.stats
from numpy.typing import NDArray

#: Products of two sample sizes up to which the exact distribution of the KS statistic is worth its time.
_FEW = 10_000
#: Rows that the chi-square test needs to expect in a bin.
_ENOUGH = 5.0

Samples = NDArray[np.float64]
Counts = NDArray[Any]


class Tested(NamedTuple):
    """A statistic, and the probability of one as large between two samples of one distribution."""

    statistic: float
    p_value: float


def psi(expected: Counts, actual: Counts) -> float:
    """Population stability index: sum over bins of (a - e) * ln(a / e), with a and e the bins' shares.

    N. Siddiqi, Intelligent Credit Scoring, 2nd ed. 2017, p. 369; it is Jeffreys' divergence of 1946. A bin
    that is empty on one side counts there as half a row, since ln 0 is infinite; one that is empty on both
    counts for nothing. Without drift its mean is about (bins - 1) * (1/n + 1/m) for samples of n and m rows
    (B. Yurdakul, Statistical Properties of Population Stability Index, 2018).
    """
    used = (expected > 0) | (actual > 0)
    e = np.maximum(expected[used], 0.5) / expected.sum()
    a = np.maximum(actual[used], 0.5) / actual.sum()
    return float(np.sum((a - e) * np.log(a / e)))


def jensen_shannon(expected: Counts, actual: Counts) -> float:
    """Jensen-Shannon distance, base 2: from 0 to 1. The square root of the divergence.

    D. M. Endres and J. E. Schindelin, A new metric for probability distributions, 2003.
    """
    e, a = expected / expected.sum(), actual / actual.sum()
    middle = (e + a) / 2
    divergence = (scipy.stats.entropy(e, middle, base=2) + scipy.stats.entropy(a, middle, base=2)) / 2
    return float(np.sqrt(max(divergence, 0.0)))  # rounding takes it below 0


def chi_square(expected: Counts, actual: Counts) -> Tested:
    """Cohen's w, and the p-value of Pearson's chi-square test that both are samples of one distribution.

    w = sqrt(sum (a - e)^2 / e) over the bins' shares: the chi-square statistic per row, which unlike the
    statistic itself does not grow with the number of rows. 0.1 is small, 0.3 medium, 0.5 large
    (J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd ed. 1988, section 7.2). A bin that
    is empty in the baseline counts there as half a row.
    """
    used = (expected > 0) | (actual > 0)
    e = np.maximum(expected[used], 0.5) / expected.sum()
    a = actual[used] / actual.sum()
    return Tested(float(np.sqrt(np.sum((a - e) ** 2 / e))), chance(expected, actual))


def chance(expected: Counts, actual: Counts) -> float:
    """The probability that two rows of counts, as different as these, are samples of one distribution.

    Bins with enough rows are put to Pearson's chi-square test of homogeneity. Where fewer than `_ENOUGH` rows
    are expected on one side (W. G. Cochran, Some Methods for Strengthening the Common chi-square Tests, 1954)
    that test calls far too often: two rows of 200, where the baseline has two of 10,000, are nothing to it.
    There each bin is put to Fisher's exact test. The lesser of all is multiplied by their number
    (Bonferroni), so that it errs on the side of chance. 1 for a single bin.
    """
    used = (expected > 0) | (actual > 0)
    if used.sum() < 2:
        return 1.0
    table = np.stack([expected[used], actual[used]])
    of_bin, of_side, whole = table.sum(axis=0), table.sum(axis=1), table.sum()
    common = of_bin * of_side.min() / whole >= _ENOUGH
    if (table[:, common].sum(axis=1) == 0).any():  # a side has nothing in any of them
        common[:] = False
    found = []
    if common.sum() > 1:
        found.append(float(scipy.stats.chi2_contingency(table[:, common], correction=False).pvalue))
    if not common.all():
        rare = scipy.stats.hypergeom(whole, of_bin[~common], of_side[1])
        seen = table[1, ~common]
        exact = 2 * np.minimum(rare.cdf(seen), rare.sf(seen - 1))
        found.append(float(exact.min()) * len(exact))
    return min(1.0, len(found) * min(found))


def ks(baseline: Samples, window: Samples) -> Tested:
    """Two-sample Kolmogorov-Smirnov: the largest gap between the distribution functions, 0 to 1.

    The p-value is exact for few rows and else the asymptotic one; with ties (a column of whole numbers) it is
    too high, never too low (G. E. Noether, Note on the Kolmogorov statistic in the discrete case, 1963).
    """
    few = baseline.size * window.size <= _FEW
    found = scipy.stats.ks_2samp(baseline, window, method="exact" if few else "asymp")
    return Tested(float(found.statistic), float(found.pvalue))


def wasserstein(baseline: Samples, window: Samples) -> float:
    """First Wasserstein distance, in standard deviations of the baseline.

    How far the values have to be moved on average. A constant baseline has no such unit: the distance is
    then in the column's own. Infinite values are left out.
    """
    baseline, window = baseline[np.isfinite(baseline)], window[np.isfinite(window)]
    if not baseline.size or not window.size:
        return 0.0 if baseline.size == window.size else float("inf")
    # The deviation of a constant column is 0 but for rounding; taken for a unit that would blow up.
    unit = float(baseline.std()) if np.ptp(baseline) > 0 else 0.0
    return float(scipy.stats.wasserstein_distance(baseline, window)) / (unit or 1.0)
