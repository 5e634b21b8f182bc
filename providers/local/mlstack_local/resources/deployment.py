"""``mlstack:local:Deployment``: one or more workers that serve a model behind an endpoint's gateway.

What a worker is made of (model, environment, code, variables) is its generation. A change of it starts a
second set of workers; only when all of those are ready does the gateway turn to them, and the old ones end
once their last request is answered. A set that does not get ready is taken away again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlstack.resource import UNKNOWN, Context, Properties, Resource, State
from mlstack_local.deployments import control, note
from mlstack_local.deployments.inputs import DeploymentInputs, generation_of
from mlstack_local.deployments.lock import changing, lock_file
from mlstack_local.deployments.recipe import deployment_prefix
from mlstack_local.deployments.rollout import CONFIRM_SECONDS, Rollout
from mlstack_local.files import prune, remove_tree
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Supervisor


class Deployment(Resource[DeploymentInputs]):
    """Outputs: ``generation``, and ``workers`` with the port of each; of a scaled one, which come and go
    by themselves, none are listed."""

    Inputs = DeploymentInputs
    replace_on = frozenset({"stack_uid", "endpoint", "name"})
    delete_before_replace = True
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if _has_unknown(inputs):
            return {}
        typed = DeploymentInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        generation = generation_of(typed)
        if typed.scaling:
            return {"generation": generation, "workers": []}
        same = old and old.outputs.get("generation") == generation
        if old and same and old.inputs.get("replicas", 1) == typed.replicas and not old.inputs.get("scaling"):
            return {"generation": generation, "workers": old.outputs["workers"]}
        return {"generation": generation}

    def create(self, context: Context, inputs: DeploymentInputs) -> State:
        ports = Rollout(context, inputs).run()
        return _state(inputs.model_dump(), generation_of(inputs), ports)

    def read(self, context: Context, state: State) -> State | None:
        """What is there. Where a controller looks after the workers their number is its business."""
        layout, endpoint, name = _place(context, state)
        config = configs.read(layout.endpoint(endpoint))
        backend = config.deployments.get(name) if config else None
        made = _made(layout, endpoint, name, backend)
        if backend is None or made is None:
            return None
        inputs = {**(state.inputs or made.inputs)}
        if made.inputs.get("controlled"):
            inputs["controlled"] = control.is_kept(layout, endpoint)
            inputs["replicas"] = made.inputs["replicas"]
            return _state(inputs, backend.generation, _declared(layout, made))
        kept = _kept(layout, endpoint, name, backend)
        return _state({**inputs, "replicas": len(kept)}, backend.generation, kept)

    def delete(self, context: Context, state: State) -> None:
        layout, endpoint, name = _place(context, state)
        folder = layout.endpoint(endpoint)
        if folder.is_dir():
            with changing(folder, name):
                _retire(layout, endpoint, name)
            lock_file(folder, name).unlink(missing_ok=True)
            control.arrange(layout, endpoint)
        else:
            _end(layout, endpoint, name)
        prune(folder, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        layout = Layout(context.root, inputs["stack_uid"])
        endpoint, name = inputs["endpoint"], inputs["name"]
        config = configs.read(layout.endpoint(endpoint))
        backend = config.deployments.get(name) if config else None
        made = _made(layout, endpoint, name, backend)
        if backend and made:
            return _state(made.inputs, backend.generation, list(backend.workers))
        prefix = deployment_prefix(endpoint, name)
        if not layout.deployment(endpoint, name).exists() and not Supervisor(layout).programs(prefix):
            return None
        return _state(inputs, "", [])


def _made(layout: Layout, endpoint: str, name: str, backend: configs.Backend | None) -> note.Made | None:
    """How the workers that serve were made."""
    known = note.read(layout.deployment(endpoint, name))
    return known.get(backend.generation) if known and backend else None


def _declared(layout: Layout, made: note.Made) -> list[int]:
    programs = Supervisor(layout).programs(made.recipe(layout).prefix)
    return [program.meta["port"] for program in programs.values()]


def _kept(layout: Layout, endpoint: str, name: str, backend: configs.Backend) -> list[int]:
    """Ports of those that serve and are up."""
    supervisor = Supervisor(layout)
    processes = supervisor.status()
    return [
        program.meta["port"]
        for key, program in supervisor.programs(deployment_prefix(endpoint, name)).items()
        if program.meta["port"] in backend.workers and key in processes and processes[key].kept
    ]


def _retire(layout: Layout, endpoint: str, name: str) -> None:
    """Out of the gateway, then to its end when its last request is answered."""
    folder, timeout = layout.endpoint(endpoint), 0.0
    with configs.locked(folder):
        config = configs.read(folder)
        if config and name in config.deployments:
            timeout = config.deployments[name].timeout
            rest = {key: value for key, value in config.deployments.items() if key != name}
            config = configs.write(folder, replace(config, deployments=rest))
    programs = Supervisor(layout).programs(deployment_prefix(endpoint, name))
    if config and admin.state(config):
        admin.confirmed(config, CONFIRM_SECONDS)
        ports = {program.meta["port"] for program in programs.values()}
        admin.drained(config, ports, max(timeout, CONFIRM_SECONDS))
    _end(layout, endpoint, name)


def _end(layout: Layout, endpoint: str, name: str) -> None:
    supervisor = Supervisor(layout)
    supervisor.apply(remove=supervisor.programs(deployment_prefix(endpoint, name)).keys())
    remove_tree(layout.deployment(endpoint, name))


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(item) for item in value.values())
    return value is UNKNOWN


def _place(context: Context, state: State) -> tuple[Layout, str, str]:
    stack_uid, _, endpoint, name = state.id.split("/")
    return Layout(context.root, stack_uid), endpoint, name


def _state(inputs: Properties, generation: str, listed: list[int]) -> State:
    place = f"{inputs['stack_uid']}/deployment/{inputs['endpoint']}/{inputs['name']}"
    shown = [] if inputs.get("scaling") else [{"port": port} for port in listed]
    return State(place, inputs, {"generation": generation, "workers": shown})
