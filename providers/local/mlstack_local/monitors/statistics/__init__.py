"""How far a window is from its baseline. Pure functions on arrays; each names its source."""

from mlstack_local.monitors.statistics.bins import CategoryBins, NumberBins
from mlstack_local.monitors.statistics.distances import (
    chance,
    chi_square,
    jensen_shannon,
    ks,
    psi,
    wasserstein,
)
from mlstack_local.monitors.statistics.ranking import ndcg

__all__ = [
    "CategoryBins",
    "NumberBins",
    "chance",
    "chi_square",
    "jensen_shannon",
    "ks",
    "ndcg",
    "psi",
    "wasserstein",
]
