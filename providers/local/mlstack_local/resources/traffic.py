"""``mlstack:local:Traffic``: how an endpoint's requests are split between its deployments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import Field

from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout

_CONFIRM_SECONDS = 20.0


class TrafficInputs(Inputs):
    """``weights`` sum to 100. ``generations`` say of which workers the split was decided."""

    stack_uid: str
    endpoint: str
    weights: dict[str, int]
    generations: dict[str, str] = Field(default_factory=dict)


class Traffic(Resource[TrafficInputs]):
    Inputs = TrafficInputs
    replace_on = frozenset({"stack_uid", "endpoint"})
    read_always = True

    def create(self, context: Context, inputs: TrafficInputs) -> State:
        folder = Layout(context.root, inputs.stack_uid).endpoint(inputs.endpoint)
        config = _split(folder, inputs.weights)
        if config is None or not admin.confirmed(config, _CONFIRM_SECONDS):
            raise ResourceFailed(
                f"the gateway of endpoint {inputs.endpoint!r} does not answer",
                remedy="run `mlstack up` again: it is started anew",
                category="transient",
            )
        return State(f"{inputs.stack_uid}/traffic/{inputs.endpoint}", inputs.model_dump(), {})

    def read(self, context: Context, state: State) -> State | None:
        stack_uid, _, endpoint = state.id.split("/")
        config = configs.read(Layout(context.root, stack_uid).endpoint(endpoint))
        if config is None:
            return None
        inputs = {
            "stack_uid": stack_uid,
            "endpoint": endpoint,
            "weights": dict(config.weights),
            "generations": {name: backend.generation for name, backend in config.deployments.items()},
        }
        return State(state.id, inputs, {})

    def delete(self, context: Context, state: State) -> None:
        stack_uid, _, endpoint = state.id.split("/")
        config = _split(Layout(context.root, stack_uid).endpoint(endpoint), {})
        if config and admin.state(config):
            admin.confirmed(config, _CONFIRM_SECONDS)

    def find(self, context: Context, inputs: Properties) -> State | None:
        place = f"{inputs['stack_uid']}/traffic/{inputs['endpoint']}"
        found = self.read(context, State(place, {}, {}))
        return found if found and found.inputs["weights"] else None


def _split(folder: Path, weights: dict[str, int]) -> configs.Config | None:
    """The endpoint's config with these weights; None when the endpoint is gone."""
    if not folder.is_dir():
        return None
    with configs.locked(folder):
        config = configs.read(folder)
        if config is None or config.weights == weights:
            return config
        return configs.write(folder, replace(config, weights=weights))
