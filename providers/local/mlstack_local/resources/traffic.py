"""``mlstack:local:Traffic``: how an endpoint's requests are split, copied and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mlstack.resource import Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout

_CONFIRM_SECONDS = 20.0


class CapturePart(BaseModel):
    """What is kept of a deployment's requests; ``keep_seconds`` left out: until there is too much."""

    model_config = ConfigDict(extra="forbid")

    sample: float = 1.0
    rotate_seconds: float = 3600.0
    keep_seconds: float | None = None


class TrafficInputs(Inputs):
    """``weights`` sum to 100; ``mirrors`` are percentages that are copied, the answers thrown away.

    ``generations`` say of which workers the split was decided.
    """

    stack_uid: str
    endpoint: str
    weights: dict[str, int]
    mirrors: dict[str, int] = Field(default_factory=dict)
    captures: dict[str, CapturePart] = Field(default_factory=dict)
    generations: dict[str, str] = Field(default_factory=dict)


class Traffic(Resource[TrafficInputs]):
    Inputs = TrafficInputs
    replace_on = frozenset({"stack_uid", "endpoint"})
    read_always = True

    def create(self, context: Context, inputs: TrafficInputs) -> State:
        folder = Layout(context.root, inputs.stack_uid).endpoint(inputs.endpoint)
        captures = {
            name: configs.Capture(part.sample, part.rotate_seconds, part.keep_seconds)
            for name, part in inputs.captures.items()
        }
        config = _change(folder, weights=inputs.weights, mirrors=inputs.mirrors, captures=captures)
        if config is None or not admin.confirmed(config, _CONFIRM_SECONDS):
            raise ResourceFailed(
                f"the gateway of endpoint {inputs.endpoint!r} does not answer",
                remedy="run `mlstack up` again: it is started anew",
                category="transient",
            )
        given = inputs.model_dump(exclude_none=True)
        return State(f"{inputs.stack_uid}/traffic/{inputs.endpoint}", given, {})

    def read(self, context: Context, state: State) -> State | None:
        stack_uid, _, endpoint = state.id.split("/")
        config = configs.read(Layout(context.root, stack_uid).endpoint(endpoint))
        if config is None:
            return None
        inputs = {
            "stack_uid": stack_uid,
            "endpoint": endpoint,
            "weights": dict(config.weights),
            "mirrors": dict(config.mirrors),
            "captures": {name: _part(capture) for name, capture in config.captures.items()},
            "generations": {name: backend.generation for name, backend in config.deployments.items()},
        }
        return State(state.id, inputs, {})

    def delete(self, context: Context, state: State) -> None:
        stack_uid, _, endpoint = state.id.split("/")
        folder = Layout(context.root, stack_uid).endpoint(endpoint)
        config = _change(folder, weights={}, mirrors={}, captures={})
        if config and admin.state(config):
            admin.confirmed(config, _CONFIRM_SECONDS)

    def find(self, context: Context, inputs: Properties) -> State | None:
        place = f"{inputs['stack_uid']}/traffic/{inputs['endpoint']}"
        found = self.read(context, State(place, {}, {}))
        return found if found and found.inputs["weights"] else None


def _part(capture: configs.Capture) -> dict[str, float]:
    part = CapturePart(sample=capture.sample, rotate_seconds=capture.rotate, keep_seconds=capture.keep)
    return part.model_dump(exclude_none=True)


def _change(folder: Path, **values: Any) -> configs.Config | None:
    """The endpoint's config with these values; None when the endpoint is gone."""
    if not folder.is_dir():
        return None
    with configs.locked(folder):
        config = configs.read(folder)
        if config is None:
            return None
        changed = replace(config, **values)
        return config if changed == config else configs.write(folder, changed)
