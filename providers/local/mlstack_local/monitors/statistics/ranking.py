"""Whether features still matter in the order in which they did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def ndcg(baseline: Sequence[float], window: Sequence[float]) -> float:
    """Normalised discounted cumulative gain of the window's ranking, by the baseline's attributions.

    Both hold one attribution (mean absolute SHAP value) per feature, none negative. DCG is the sum of the
    baseline's attributions in the window's order, each divided by log2(1 + rank), and NDCG its part of the
    DCG in the baseline's own order: 1 for the same order, lower the further important features have fallen.
    K. Järvelin and J. Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002. SageMaker Clarify
    takes below 0.90 for a violation. Without any attribution in the baseline it is 1.
    """
    gains, order = np.asarray(baseline, dtype=float), np.argsort(-np.asarray(window), kind="stable")
    discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
    best = float(np.sort(gains)[::-1] @ discounts)
    return float(gains[order] @ discounts) / best if best > 0 else 1.0
