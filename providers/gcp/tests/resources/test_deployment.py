"""Deployed models: what is asked for, what is found again, what is changed in place, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_gcp.resources.deployment import Deployment, DeploymentInputs, deployed_id
from mlstack_gcp.resources.traffic import Traffic, TrafficInputs

from mlstack.resource import UNKNOWN, Context, ResourceFailed
from providers.gcp.tests.resources.vertex import ENDPOINT, Refused, Vertex

CPU = "aiplatform.googleapis.com/prediction/online/cpu/utilization"
GIVEN: dict[str, Any] = {
    "endpoint": ENDPOINT,
    "seed": "uid/digits/blue",
    "display_name": "digits-blue",
    "model": "projects/p/locations/europe-west4/models/net@3",
    "machine": {
        "machine_type": "n1-standard-4",
        "accelerator_type": "NVIDIA_TESLA_T4",
        "accelerator_count": 1,
    },
    "service_account": "runs@p.iam.gserviceaccount.com",
    "min_replicas": 1,
    "max_replicas": 3,
    "metrics": {CPU: 70},
}


def inputs(**changed: Any) -> DeploymentInputs:
    return DeploymentInputs(**{**GIVEN, **changed})


def test_what_is_asked_for(vertex: Vertex, context: Context) -> None:
    state = Deployment().create(context, inputs(spot=True, access_log=True))
    [(verb, asked)] = vertex.asked
    assert verb == "deployModel"
    assert dict(asked.traffic_split) == {}
    model = asked.deployed_model
    assert model.id == state.outputs["deployed_model_id"] == state.id.rpartition("/")[2]
    assert (model.service_account, model.enable_access_logging) == (GIVEN["service_account"], True)
    resources = model.dedicated_resources
    assert resources.machine_spec.accelerator_type.name == "NVIDIA_TESLA_T4"
    assert (resources.min_replica_count, resources.max_replica_count, resources.spot) == (1, 3, True)
    assert {each.metric_name: each.target for each in resources.autoscaling_metric_specs} == {CPU: 70}


def test_a_pool_brings_its_own_machines(vertex: Vertex, context: Context) -> None:
    pool = "projects/p/locations/europe-west4/deploymentResourcePools/shared"
    state = Deployment().create(context, inputs(pool=pool, machine=None))
    assert vertex.held.deployed_models[0].shared_resources == pool
    assert Deployment().read(context, state) == state
    Deployment().update(context, state, inputs(pool=pool, machine=None, max_replicas=9))
    assert vertex.verbs() == ["deployModel"]


def test_a_killed_create_is_found_and_not_repeated(vertex: Vertex, context: Context) -> None:
    first = Deployment().create(context, inputs())
    assert Deployment().find(context, GIVEN) == first
    assert Deployment().create(context, inputs()) == first
    assert vertex.verbs() == ["deployModel"]
    assert (
        Deployment().find(context, {**GIVEN, "model": "projects/p/locations/europe-west4/models/net@4"})
        is None
    )


def test_what_somebody_deployed_in_its_place_serves_until_it_is_there(
    vertex: Vertex, context: Context
) -> None:
    """Under the id that it would have: the new one is another, so that the old one's end is not its own."""
    old = Deployment().create(context, inputs())
    vertex.held.deployed_models[0].dedicated_resources.machine_spec.machine_type = "n1-standard-8"
    drifted = Deployment().read(context, old)
    assert drifted is not None
    assert drifted.inputs["machine"]["machine_type"] == "n1-standard-8"
    assert Deployment().find(context, GIVEN) is None

    new = Deployment().create(context, inputs())
    assert new.id != old.id
    assert Deployment().find(context, GIVEN) == new
    Deployment().delete(context, drifted)
    [left] = vertex.held.deployed_models
    assert left.id == new.outputs["deployed_model_id"]
    assert left.dedicated_resources.machine_spec.machine_type == "n1-standard-4"


def test_one_that_is_being_deployed_is_waited_for(
    vertex: Vertex, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request was sent by a run that was killed; the platform refuses a second one of the same id."""
    first = Deployment().create(context, inputs())
    [there] = vertex.held.deployed_models
    vertex.held.deployed_models = []

    def refused(asked: Any, query: Any) -> None:
        vertex.late = there
        raise Refused(409, "ALREADY_EXISTS", "it is being deployed")

    monkeypatch.setattr(vertex, "_deployModel", refused)
    assert Deployment().create(context, inputs()) == first


def test_replicas_change_in_place_and_the_rest_is_another(vertex: Vertex, context: Context) -> None:
    state = Deployment().create(context, inputs())
    changed = inputs(min_replicas=2, max_replicas=5, metrics={})
    assert Deployment().update(context, state, changed) == state.outputs
    verb, asked = vertex.asked[-1]
    assert verb == "mutateDeployedModel"
    assert len(asked.update_mask.paths) == 3
    read = Deployment().read(context, state)
    assert read is not None
    assert read.inputs == changed.model_dump()
    in_place = {"min_replicas", "max_replicas", "metrics"}
    assert Deployment.replace_on == set(DeploymentInputs.model_fields) - in_place
    assert deployed_id(changed.model_dump()) == state.outputs["deployed_model_id"]
    others = [
        inputs(spot=True),
        inputs(model=GIVEN["model"][:-1] + "4"),
        inputs(machine={"machine_type": "x"}),
    ]
    ids = {deployed_id(each.model_dump()) for each in (*others, inputs())}
    assert len(ids) == 4


def test_a_name_that_means_the_same_is_no_drift(vertex: Vertex, context: Context) -> None:
    state = Deployment().create(context, inputs())
    assert vertex.held.deployed_models[0].model.startswith("projects/42/")
    assert Deployment().read(context, state) == state
    vertex.held.deployed_models[0].dedicated_resources.max_replica_count = 8
    drifted = Deployment().read(context, state)
    assert drifted is not None
    assert drifted.inputs["max_replicas"] == 8
    vertex.endpoint = None
    assert Deployment().read(context, state) is None


def test_a_busy_endpoint_is_asked_again(vertex: Vertex, context: Context) -> None:
    vertex.busy = 2
    Deployment().create(context, inputs())
    assert vertex.verbs() == ["deployModel"] * 3


def test_a_deployment_that_fails_leaves_nothing(vertex: Vertex, context: Context) -> None:
    vertex.failing = Refused(400, "FAILED_PRECONDITION", "Model server exited unexpectedly")
    with pytest.raises(ResourceFailed, match="exited unexpectedly") as caught:
        Deployment().create(context, inputs())
    assert caught.value.partial is None
    assert vertex.held.deployed_models == []


def test_what_has_traffic_is_not_taken_away(vertex: Vertex, context: Context) -> None:
    blue = Deployment().create(context, inputs())
    green = Deployment().create(context, inputs(seed="uid/digits/green"))
    shares = {blue.outputs["deployed_model_id"]: 90, green.outputs["deployed_model_id"]: 10}
    split = Traffic().create(context, TrafficInputs(endpoint=ENDPOINT, traffic=shares))
    with pytest.raises(ResourceFailed, match="90 %"):
        Deployment().delete(context, blue)
    Traffic().delete(context, split)
    Deployment().delete(context, blue)
    Deployment().delete(context, blue)
    Deployment().delete(context, green)
    assert vertex.held.deployed_models == []


def test_an_import_knows_its_inputs(vertex: Vertex, context: Context) -> None:
    made = Deployment().create(context, inputs())
    state = type(made)(made.id, {}, {})
    read = Deployment().read(context, state)
    assert read is not None
    assert read.inputs["machine"] == GIVEN["machine"]
    assert read.inputs["model"].endswith("/models/net@3")


def test_the_id_is_told_before_it_is_made(context: Context) -> None:
    told = Deployment().preview(context, GIVEN, None)
    assert told == {"deployed_model_id": deployed_id(GIVEN)}
    unknown = Deployment().preview(context, {**GIVEN, "model": UNKNOWN}, None)
    assert unknown["deployed_model_id"] is UNKNOWN
