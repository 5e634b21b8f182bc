"""The split of an endpoint: what is written, what is left alone, what somebody else does meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from google.cloud.aiplatform_v1.types import DeployedModel
from mlstack_gcp.resources.traffic import Traffic, TrafficInputs

from mlstack.resource import Context, InputProblem, ResourceFailed
from providers.gcp.tests.resources.vertex import ENDPOINT, Refused, Vertex


@pytest.fixture(autouse=True)
def deployed(vertex: Vertex) -> None:
    vertex.held.deployed_models = [DeployedModel(id="1"), DeployedModel(id="2")]


def inputs(timeout: float | None = None, **shares: int) -> TrafficInputs:
    traffic = {name.removeprefix("m"): share for name, share in shares.items()}
    return TrafficInputs(endpoint=ENDPOINT, traffic=traffic, timeout=timeout)


def test_it_is_written_whole_and_once(vertex: Vertex, context: Context) -> None:
    for _ in range(2):
        state = Traffic().create(context, inputs(m1=90, m2=10))
    assert vertex.split == {"1": 90, "2": 10}
    assert vertex.verbs() == ["patch"]
    assert Traffic().read(context, state) == state
    Traffic().update(context, state, inputs(m1=0, m2=100))
    assert vertex.split == {"2": 100}
    state = type(state)(state.id, inputs(m1=0, m2=100).model_dump(), {})
    assert Traffic().read(context, state) == state
    Traffic().delete(context, state)
    assert vertex.split == {}


def test_the_endpoints_timeout(vertex: Vertex, context: Context) -> None:
    state = Traffic().create(context, inputs(600.0, m1=100))
    assert vertex.held.client_connection_config.inference_timeout.total_seconds() == 600
    assert Traffic().read(context, state) == state
    Traffic().update(context, state, inputs(m1=100))
    assert vertex.verbs() == ["patch", "update", "update"]
    assert vertex.held.client_connection_config.inference_timeout.total_seconds() == 0


def test_a_change_in_between_is_seen(
    vertex: Vertex, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = vertex._patch

    def meanwhile(asked: Any, query: Any) -> None:
        monkeypatch.setattr(vertex, "_patch", plain)
        vertex.held.labels = {"team": "speech"}
        vertex.held.etag = "7"
        raise Refused(409, "ABORTED", "the etag is an old one")

    monkeypatch.setattr(vertex, "_patch", meanwhile)
    Traffic().create(context, inputs(m1=100))
    assert vertex.asked[-1][1].etag == "7"
    assert dict(vertex.held.labels) == {"team": "speech"}


def test_what_is_not_deployed_gets_nothing(vertex: Vertex, context: Context) -> None:
    with pytest.raises(ResourceFailed, match="3 shall get requests"):
        Traffic().create(context, inputs(m3=100))
    vertex.endpoint = None
    with pytest.raises(ResourceFailed, match="is gone"):
        Traffic().create(context, inputs(m1=100))
    assert Traffic().find(context, inputs(m1=100).model_dump()) is None


@pytest.mark.parametrize("shares", [{"m1": 60, "m2": 30}, {"m1": 110, "m2": -10}])
def test_it_sums_to_100(vertex: Vertex, context: Context, shares: dict[str, int]) -> None:
    with pytest.raises(InputProblem):
        Traffic().check(context, inputs(**shares))
