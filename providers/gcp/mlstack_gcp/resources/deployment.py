"""``mlstack:gcp:Deployment``: a model on machines behind an endpoint, which pulumi-gcp has no resource for.

Vertex AI changes the number of replicas and what it follows in place, and nothing else. So the id of a
deployed model, which the client may choose, is a hash of everything else: another machine or another version
is another deployed model, which is up before the traffic moves and the old one goes. And a create that was
killed is found again by its id.

Source: the messages DeployedModel and MutateDeployedModelRequest of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from itertools import count
from typing import Any

from pydantic import Field

from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_gcp import cloud
from mlstack_gcp.cloud import CloudFailure
from mlstack_gcp.resources import endpoints

#: The platform gives up on a deployment after two hours at most.
_LONGEST = 2.2 * 3600
_MASK = ("min_replica_count", "max_replica_count", "autoscaling_metric_specs")


class DeploymentInputs(Inputs):
    """``endpoint`` and ``model`` are full names, the model's with its version (``…/models/ID@VERSION``).

    ``seed`` tells this deployment from all others: stack, endpoint and name. ``machine`` is a MachineSpec
    (``machine_type``, ``accelerator_type``, ``accelerator_count``), None on a shared ``pool``.
    ``metrics``: by the metric's name, what a replica may come to.
    """

    endpoint: str
    seed: str
    display_name: str
    model: str
    machine: dict[str, Any] | None = None
    pool: str | None = None
    spot: bool = False
    service_account: str | None = None
    access_log: bool = False
    min_replicas: int = 1
    max_replicas: int = 1
    metrics: dict[str, int] = Field(default_factory=dict)


_IN_PLACE = frozenset({"min_replicas", "max_replicas", "metrics"})
_FIXED = tuple(sorted(frozenset(DeploymentInputs.model_fields) - _IN_PLACE))


class Deployment(Resource[DeploymentInputs]):
    """Outputs: ``deployed_model_id``, digits."""

    Inputs = DeploymentInputs
    replace_on = frozenset(_FIXED)

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        fixed = {name: inputs.get(name) for name in _FIXED}
        known = all(value is not UNKNOWN for value in _leaves(fixed))
        return {"deployed_model_id": deployed_id(inputs) if known else UNKNOWN}

    def create(self, context: Context, inputs: DeploymentInputs) -> State:
        with cloud.present():
            id = _free_id(inputs)
            if _found(inputs.endpoint, id) is None:
                context.log(f"deploying {inputs.display_name}: this takes some minutes")
                _deploy(context, inputs, id)
            _fit(context, inputs, id)
        return State(f"{inputs.endpoint}/deployedModels/{id}", inputs.model_dump(), {"deployed_model_id": id})

    def read(self, context: Context, state: State) -> State | None:
        endpoint, _, id = state.id.partition("/deployedModels/")
        with cloud.present():
            found = _found(endpoint, id)
        if found is None:
            return None
        return State(state.id, _as_inputs(endpoint, found, state.inputs), {"deployed_model_id": id})

    def update(self, context: Context, state: State, inputs: DeploymentInputs) -> Properties:
        endpoint, _, id = state.id.partition("/deployedModels/")
        with cloud.present():
            if _found(endpoint, id) is None:
                raise ResourceFailed(
                    f"the deployed model {id} of {inputs.display_name} is gone",
                    remedy="run `mlstack refresh`, then the same command again: it is made anew",
                    category="conflict",
                )
            _fit(context, inputs, id)
        return {"deployed_model_id": id}

    def delete(self, context: Context, state: State) -> None:
        endpoint, _, id = state.id.partition("/deployedModels/")
        with cloud.present():
            held = endpoints.find(endpoint)
            if held is None or all(each.id != id for each in held.deployed_models):
                return
            others = len(held.deployed_models) > 1
            if others and held.traffic_split.get(id):
                raise ResourceFailed(
                    f"the deployed model {id} still gets {held.traffic_split[id]} % of the requests",
                    remedy="run `mlstack up`, which moves the traffic first",
                    category="conflict",
                )
            endpoints.change(
                context,
                lambda: endpoints.client(endpoint).undeploy_model(endpoint=endpoint, deployed_model_id=id),
                f"undeploying {id} from {endpoint}",
            )

    def find(self, context: Context, inputs: Properties) -> State | None:
        given = DeploymentInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        with cloud.present():
            id = _free_id(given)
        return self.read(context, State(f"{given.endpoint}/deployedModels/{id}", inputs, {}))


def deployed_id(inputs: Mapping[str, Any], generation: int = 0) -> str:
    """The id (10 digits) that a deployment with these inputs has."""
    fixed = _fixed(inputs)
    digest = sha256(f"{json.dumps(fixed, sort_keys=True)}{generation or ''}".encode()).hexdigest()
    return str(10**9 + int(digest, 16) % (9 * 10**9))


def _fixed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: inputs.get(name, DeploymentInputs.model_fields[name].default) for name in _FIXED}


def _free_id(inputs: DeploymentInputs) -> str:
    """The first id that nothing else has: somebody may have deployed something else under it since, which
    serves until the new one does."""
    given = inputs.model_dump()
    for generation in count():
        id = deployed_id(given, generation)
        found = _found(inputs.endpoint, id)
        if found is None or _fixed(_as_inputs(inputs.endpoint, found, given)) == _fixed(given):
            return id
    raise AssertionError("ids do not end")


def _deploy(context: Context, inputs: DeploymentInputs, id: str) -> None:
    """A second request for an id that is being deployed is refused: then the first one is waited for."""
    what = f"deploying {inputs.display_name} to {inputs.endpoint}"
    try:
        endpoints.change(
            context,
            lambda: endpoints.client(inputs.endpoint).deploy_model(
                endpoint=inputs.endpoint, deployed_model=message(inputs, id)
            ),
            what,
            longest=_LONGEST,
        )
    except CloudFailure as failure:
        if _found(inputs.endpoint, id) is not None:
            return
        if failure.reason != "ALREADY_EXISTS":
            raise
        cloud.wait(context, lambda: _found(inputs.endpoint, id), what, longest=_LONGEST)


def _fit(context: Context, inputs: DeploymentInputs, id: str) -> None:
    """What can be changed in place is brought to what it should be; a shared pool has its own replicas."""
    found = _found(inputs.endpoint, id)
    if found is None or inputs.pool is not None:
        return
    wanted = message(inputs, id)
    if _counts(found.dedicated_resources) == _counts(wanted.dedicated_resources):
        return
    from google.cloud.aiplatform_v1.types import DedicatedResources, DeployedModel

    resources = {field: getattr(wanted.dedicated_resources, field) for field in _MASK}
    changed = DeployedModel(id=id, dedicated_resources=DedicatedResources(**resources))
    mask = {"paths": [f"dedicated_resources.{field}" for field in _MASK]}
    endpoints.change(
        context,
        lambda: endpoints.client(inputs.endpoint).mutate_deployed_model(
            request={"endpoint": inputs.endpoint, "deployed_model": changed, "update_mask": mask}
        ),
        f"changing the replicas of {inputs.display_name}",
        longest=_LONGEST,
    )


def message(inputs: DeploymentInputs, id: str) -> Any:
    """The DeployedModel to ask for."""
    from google.cloud.aiplatform_v1.types import DeployedModel

    given: dict[str, Any] = {
        "id": id,
        "model": inputs.model,
        "display_name": inputs.display_name,
        "enable_access_logging": inputs.access_log,
    }
    if inputs.service_account:
        given["service_account"] = inputs.service_account
    if inputs.pool is not None:
        return DeployedModel(shared_resources=inputs.pool, **given)
    specs = [{"metric_name": name, "target": target} for name, target in sorted(inputs.metrics.items())]
    return DeployedModel(
        dedicated_resources={
            "machine_spec": inputs.machine,
            "min_replica_count": inputs.min_replicas,
            "max_replica_count": inputs.max_replicas,
            "autoscaling_metric_specs": specs,
            "spot": inputs.spot,
        },
        **given,
    )


def _found(endpoint: str, id: str) -> Any:
    held = endpoints.find(endpoint)
    return next((each for each in held.deployed_models if each.id == id), None) if held else None


def _counts(resources: Any) -> tuple[int, int, dict[str, int]]:
    least = resources.min_replica_count
    specs = {spec.metric_name: spec.target for spec in resources.autoscaling_metric_specs}
    return least, resources.max_replica_count or least, specs


def _as_inputs(endpoint: str, found: Any, before: Properties) -> dict[str, Any]:
    """What would make it as it is. Google writes a project's number where its id was given: a name that
    means the same is left as it was."""
    model = found.model if "@" in found.model else f"{found.model}@{found.model_version_id or 1}"
    pool = found.shared_resources or None
    inputs: dict[str, Any] = {
        "endpoint": endpoint,
        "seed": before.get("seed", ""),
        "display_name": found.display_name,
        "model": endpoints.same(model, before.get("model")),
        "pool": endpoints.same(pool, before.get("pool")),
        "service_account": found.service_account or None,
        "access_log": found.enable_access_logging,
    }
    if pool:
        kept = {name: before[name] for name in (*_IN_PLACE, "machine", "spot") if name in before}
        return DeploymentInputs(**inputs, **kept).model_dump()
    resources = found.dedicated_resources
    least, most, metrics = _counts(resources)
    return DeploymentInputs(
        **inputs,
        machine=endpoints.machine(resources.machine_spec),
        spot=resources.spot,
        min_replicas=least,
        max_replicas=most,
        metrics=metrics,
    ).model_dump()


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    return [value]
