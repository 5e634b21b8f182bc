"""No request fails while an endpoint changes: the engine, the command line and the load are the real ones."""

from __future__ import annotations

import time

import pytest

from tests.e2e.load.conftest import BODY, RATE, Stack
from tests.e2e.load.vegeta import attack

pytestmark = [pytest.mark.engine, pytest.mark.drawn, pytest.mark.timeout(600)]


def test_traffic_moves_to_another_deployment(stack: Stack) -> None:
    with attack(stack.endpoint, BODY, RATE) as load:
        time.sleep(2)
        begun = time.time()
        stack.up(blue__traffic=50, green__traffic=50)
        halved = time.time()
        time.sleep(1000 / RATE)
        changing = time.time()
        stack.up(blue__traffic=0, green__traffic=100)
        moved = time.time()
        time.sleep(2)
    assert load.failed == []
    assert load.split(0, begun).keys() == {"blue"}
    split = load.split(halved, changing)
    assert split.total() >= 500
    assert abs(split["blue"] / split.total() - 0.5) <= 0.03, split
    assert load.split(moved, time.time()).keys() == {"green"}


def test_a_model_is_trained_anew_and_takes_over(stack: Stack) -> None:
    before = stack.up()["outputs"]["models"]["digits"]["version"]
    with attack(stack.endpoint, BODY, RATE) as load:
        time.sleep(2)
        after = stack.up(c=0.5)["outputs"]["models"]["digits"]["version"]
        time.sleep(2)
        stack.up()
        time.sleep(2)
    assert after != before
    assert len(load.hits) > 500
    assert load.failed == []


def test_workers_come_and_go(stack: Stack) -> None:
    stack.up()
    with attack(stack.endpoint, BODY, RATE) as load:
        time.sleep(2)
        stack.up(blue__replicas=3)
        time.sleep(3)
        stack.up(blue__replicas=1)
        time.sleep(2)
    assert len(load.hits) > 500
    assert load.failed == []
