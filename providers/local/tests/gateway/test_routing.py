"""How requests are shared out, without HTTP."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlstack_local.gateway.config import Backend, Config
from mlstack_local.gateway.routing import Router


def router(weights: dict[str, int], workers: tuple[int, ...] = (1,)) -> Router:
    backends = {name: Backend("g", workers, 60) for name in weights}
    return Router(Config("e", 1, "", "", deployments=backends, weights=weights))


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 100), min_size=1, max_size=5))
def test_after_as_many_requests_as_the_weights_sum_to_the_split_is_exact(weights: dict[str, int]) -> None:
    made = router(weights)
    total = sum(weights.values())
    if not total:
        assert made.choose() is None
        return
    chosen = Counter(route.name for _ in range(total) if (route := made.choose()))
    assert chosen == {name: weight for name, weight in weights.items() if weight}


def test_a_small_share_is_spread_and_not_sent_in_a_row() -> None:
    made = router({"blue": 90, "green": 10})
    names = [route.name for _ in range(100) if (route := made.choose())]
    at = [index for index, name in enumerate(names) if name == "green"]
    assert [after - before for before, after in itertools.pairwise(at)] == [10] * 9


def test_workers_take_turns() -> None:
    route = router({"blue": 100}, (7, 8, 9)).routes["blue"]
    assert [route.next_worker() for _ in range(6)] == [7, 8, 9, 7, 8, 9]
    assert router({"blue": 100}, ()).routes["blue"].next_worker() is None


def test_a_weight_without_a_deployment_gets_nothing() -> None:
    config = Config("e", 1, "", "", deployments={"a": Backend("g", (1,), 60)}, weights={"a": 1, "gone": 99})
    made = Router(config)
    assert {route.name for _ in range(50) if (route := made.choose())} == {"a"}


@pytest.mark.parametrize("weights", [{}, {"a": 0}])
def test_without_weights_nobody_is_chosen(weights: dict[str, int]) -> None:
    assert router(weights).choose() is None


def mirrors(**percents: int) -> Config:
    backends = {name: Backend("g", (1,), 60) for name in ("main", *percents)}
    return Config("e", 1, "", "", deployments=backends, weights={"main": 100}, mirrors=percents)


@given(st.integers(0, 100), st.integers(0, 100))
def test_copies_are_as_many_as_the_percentage_and_evenly_spread(a: int, b: int) -> None:
    made = Router(mirrors(a=a, b=b))
    counts = Counter[str]()
    for number in range(1, 201):
        counts.update(made.copies())
        assert counts == {name: number * p // 100 for name, p in (("a", a), ("b", b)) if number * p >= 100}
    assert (counts["a"], counts["b"]) == (2 * a, 2 * b)


def test_copies_go_on_where_they_were_when_the_config_changes() -> None:
    """Else a config that changes every second would keep a mirror of 20 percent from its fifth request."""
    made = None
    copied = 0
    for _ in range(100):
        made = Router(mirrors(shadow=20), made)
        copied += len(made.copies())
    assert copied == 20


def test_a_mirror_that_is_not_there_gets_none() -> None:
    config = mirrors(shadow=100)
    gone = {name: backend for name, backend in config.deployments.items() if name != "shadow"}
    assert Router(replace(config, deployments=gone)).copies() == []
