from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from mlstack_local.gateway.latency import bucket, quantile, upper


def test_a_bucket_holds_what_is_at_most_its_upper_end() -> None:
    for seconds in (0.0, 1e-5, 0.0001, 0.00011, 0.2, 1.0, 59.9, 600.0):
        index = bucket(seconds)
        assert seconds <= upper(index) * (1 + 1e-9)
        assert index == 0 or seconds > upper(index - 1) * (1 - 1e-9)


@pytest.mark.parametrize("fraction", [0.5, 0.9, 0.95, 0.99])
def test_a_quantile_is_right_within_a_twentieth(fraction: float) -> None:
    times = np.random.default_rng(3).lognormal(mean=-4, sigma=1, size=5000)
    found = quantile(Counter(bucket(float(seconds)) for seconds in times), fraction)
    exact = float(np.quantile(times, fraction, method="inverted_cdf"))
    assert found is not None
    assert exact <= found <= exact * 1.051


def test_of_nothing_there_is_no_quantile() -> None:
    assert quantile({}, 0.5) is None
    assert quantile({3: 0}, 0.5) is None
