"""The formula, without workers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlstack_local.controller.demand import Demand, Sample
from mlstack_local.deployments.inputs import Scaling


def demand(least: int = 1, present: int = 1, **changes: Any) -> Demand:
    given: dict[str, Any] = {"max": 5, "metric": "concurrency", "target": 2, "idle_seconds": 10, **changes}
    return Demand(Scaling(**given), least, present, 0)


def feed(
    made: Demand, seconds: float, in_flight: int = 0, rate: float = 0, cpu: float = 0, start: float = 0
) -> None:
    """Samples five times a second; ``rate`` of arrivals, ``cpu`` processors in use."""
    for step in range(1, int(seconds * 5) + 1):
        now = start + step / 5
        made.observe(Sample(now, in_flight, int(rate * now) + in_flight, cpu * now))


@pytest.mark.parametrize(
    ("in_flight", "wanted"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (10, 5), (100, 5)]
)
def test_so_many_that_each_has_its_target(in_flight: int, wanted: int) -> None:
    made = demand()
    feed(made, 3, in_flight)
    assert made.desired(1) == wanted


def test_a_burst_shorter_than_the_window_is_no_reason_to_grow() -> None:
    made = demand()
    feed(made, 3, 1)
    made.observe(Sample(3.1, 9, 100))
    assert made.desired(1) == 1


def test_nothing_changes_within_a_tenth_of_the_target() -> None:
    made = demand(target=10)
    feed(made, 3, 21)
    assert made.desired(2) == 2
    assert made.desired(1) == 3


def test_fewer_only_after_the_idle_time() -> None:
    made = demand()
    feed(made, 3, 6)
    assert made.desired(1) == 3
    feed(made, 6, 0, start=3)
    assert made.desired(3) == 3
    feed(made, 10, 0, start=9)
    assert made.desired(3) == 1


def test_what_was_needed_last_within_the_idle_time_stays() -> None:
    made = demand()
    feed(made, 2, 10)
    assert made.desired(1) == 5
    for second in range(2, 9):
        feed(made, 1, 4, start=second)
        assert made.desired(5) == 5
    for second in range(9, 16):
        feed(made, 1, 4, start=second)
        made.desired(5)
    assert made.desired(5) == 2


def test_a_controller_that_was_started_anew_waits_a_whole_idle_time() -> None:
    made = demand(present=4)
    feed(made, 5, 0)
    assert made.desired(4) == 4


def test_asleep_only_without_any_request() -> None:
    made = demand(least=0, present=1)
    feed(made, 12, 0, rate=2)
    assert made.desired(1) == 1
    rest = demand(least=0, present=1)
    feed(rest, 9, 0)
    assert rest.desired(1) == 1
    feed(rest, 3, 0, start=9)
    assert rest.desired(1) == 0
    rest.observe(Sample(12.2, 1, 1))
    assert rest.desired(0) == 1


def test_requests_a_second() -> None:
    made = demand(metric="rps", target=10)
    feed(made, 6, rate=35)
    assert made.desired(1) == 4


def test_percent_of_the_processors() -> None:
    made = demand(metric="cpu", target=50)
    feed(made, 12, cpu=1.2)
    assert made.desired(1) == 3
    two = demand(metric="cpu", target=50, cpus=2)
    feed(two, 12, cpu=1.2)
    assert two.desired(1) == 2


def test_a_gateway_that_counts_from_zero_again_is_no_load() -> None:
    made = demand(metric="rps", target=10)
    feed(made, 6, rate=35)
    assert made.desired(4) == 4
    made.observe(Sample(7, 0, 5))
    assert made.desired(4) == 4
    assert made.load == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(0, 3), st.sampled_from([1, 2.5, 8]))
def test_never_below_the_least_nor_above_the_most(loads: list[int], least: int, target: float) -> None:
    made, present = demand(least=least, present=max(least, 1), target=target), max(least, 1)
    for step, in_flight in enumerate(loads):
        made.observe(Sample(step * 0.4, in_flight, step * 10))
        present = made.desired(present)
        assert least <= present <= 5
        assert present >= (in_flight > 0)
