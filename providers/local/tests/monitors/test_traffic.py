"""Latency and errors, from the figures of a real gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from mlstack_local.layout import Layout
from mlstack_local.monitors import tend
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.history import History
from mlstack_local.monitors.reading import Reading
from mlstack_local.resources.endpoint import Endpoint, EndpointInputs
from mlstack_local.supervisor import Supervisor

from mlstack.resource import Context, State


@pytest.fixture
def endpoint(context: Context) -> Iterator[State]:
    """An endpoint without a deployment: it answers 503."""
    yield Endpoint().create(context, EndpointInputs(stack_uid="u1", name="digits"))
    Supervisor(Layout(context.root, "u1")).stop_all()


def watch(context: Context, **given: Any) -> Layout:
    layout = Layout(context.root, "u1")
    usual = {"name": "bad", "endpoint": "digits", "signal": "errors", "threshold": 0.05, "min_samples": 5}
    Definition(**{**usual, **given}).write(layout.monitor("bad"))
    return layout


def take(layout: Layout) -> Reading:
    found = tend.read_now(layout, "bad")
    assert found is not None
    return found


def ask(endpoint: State, times: int, key: str | None = None) -> None:
    headers = {"authorization": f"Bearer {key or endpoint.outputs['key']}"}
    for _ in range(times):
        requests.post(endpoint.outputs["url"], json={"instances": [[1]]}, headers=headers, timeout=120)


def test_errors_are_counted_from_reading_to_reading(context: Context, endpoint: State) -> None:
    layout = watch(context)
    ask(endpoint, 3)
    assert (take(layout).state, take(layout).samples) == ("insufficient", 3)
    ask(endpoint, 3)
    found = take(layout)
    assert (found.state, found.value, found.samples) == ("firing", 1.0, 6)
    assert take(layout).samples == 0
    ask(endpoint, 8, key="wrong")  # refused is no error of the endpoint's
    well = take(layout)
    assert (well.state, well.value, well.samples, well.event) == ("ok", 0.0, 8, "resolved")
    assert len(History(layout.monitor("bad")).kept("digits")) == 1


def test_a_window_looks_further_back(context: Context, endpoint: State) -> None:
    layout = watch(context, window=3600.0)
    ask(endpoint, 5)
    assert take(layout).samples == 5
    ask(endpoint, 5)
    assert take(layout).samples == 10
    assert len(History(layout.monitor("bad")).kept("digits")) == 2


def test_latency_without_an_answer_of_a_worker_is_insufficient(context: Context, endpoint: State) -> None:
    layout = watch(context, signal="latency", threshold=0.2)
    ask(endpoint, 5)
    assert take(layout).state == "insufficient"


def test_a_gateway_that_does_not_answer_is_a_failed_reading(context: Context) -> None:
    found = take(watch(context))
    assert found.state == "failed"
    assert "does not answer" in (found.error or "")
