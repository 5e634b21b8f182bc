"""``mlstack:local:Deployment``: one or more workers that serve a model behind an endpoint's gateway.

What a worker is made of (model, environment, code, variables) is its generation. A change of it starts a
second set of workers; only when all of those are ready does the gateway turn to them, and the old ones end
once their last request is answered. A set that does not get ready is taken away again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlstack.resource import UNKNOWN, Context, Properties, Resource, State
from mlstack_local.deployments import note
from mlstack_local.deployments.inputs import DeploymentInputs, generation_of
from mlstack_local.deployments.recipe import deployment_prefix
from mlstack_local.deployments.rollout import CONFIRM_SECONDS, Rollout
from mlstack_local.files import prune
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Supervisor


class Deployment(Resource[DeploymentInputs]):
    """Outputs: ``generation``, and ``workers`` with the port of each."""

    Inputs = DeploymentInputs
    replace_on = frozenset({"stack_uid", "endpoint", "name"})
    delete_before_replace = True
    read_always = True

    def preview(self, context: Context, inputs: Properties, old: State | None) -> Properties:
        if _has_unknown(inputs):
            return {}
        typed = DeploymentInputs.model_validate({k: v for k, v in inputs.items() if v is not None})
        generation = generation_of(typed)
        same = old and old.outputs.get("generation") == generation
        if old and same and old.inputs.get("replicas", 1) == typed.replicas:
            return {"generation": generation, "workers": old.outputs["workers"]}
        return {"generation": generation}

    def create(self, context: Context, inputs: DeploymentInputs) -> State:
        ports = Rollout(context, inputs).run()
        return _state(inputs.model_dump(), generation_of(inputs), ports)

    def read(self, context: Context, state: State) -> State | None:
        layout, endpoint, name = _place(context, state)
        config = configs.read(layout.endpoint(endpoint))
        known = note.read(layout.deployment(endpoint, name))
        if config is None or known is None or name not in config.deployments:
            return None
        backend = config.deployments[name]
        made_of = known.inputs(backend.generation)
        if made_of is None:
            return None
        supervisor = Supervisor(layout)
        processes = supervisor.status()
        kept = [
            program.meta["port"]
            for key, program in supervisor.programs(deployment_prefix(endpoint, name)).items()
            if program.meta["port"] in backend.workers and key in processes and processes[key].kept
        ]
        inputs = {**(state.inputs or made_of), "replicas": len(kept)}
        return _state(inputs, backend.generation, kept)

    def delete(self, context: Context, state: State) -> None:
        layout, endpoint, name = _place(context, state)
        folder = layout.endpoint(endpoint)
        config = None
        if folder.is_dir():
            with configs.locked(folder):
                config = configs.read(folder)
                if config and name in config.deployments:
                    rest = {key: value for key, value in config.deployments.items() if key != name}
                    config = configs.write(folder, replace(config, deployments=rest))
        supervisor = Supervisor(layout)
        programs = supervisor.programs(deployment_prefix(endpoint, name))
        if config and admin.state(config):
            admin.confirmed(config, CONFIRM_SECONDS)
            admin.drained(config, {p.meta["port"] for p in programs.values()}, CONFIRM_SECONDS)
        supervisor.apply(remove=programs.keys())
        shutil.rmtree(layout.deployment(endpoint, name), ignore_errors=True)
        prune(folder, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        layout = Layout(context.root, inputs["stack_uid"])
        endpoint, name = inputs["endpoint"], inputs["name"]
        known = note.read(layout.deployment(endpoint, name))
        config = configs.read(layout.endpoint(endpoint))
        backend = config.deployments.get(name) if config else None
        made_of = known.inputs(backend.generation) if known and backend else None
        if backend and made_of:
            return _state(made_of, backend.generation, list(backend.workers))
        prefix = deployment_prefix(endpoint, name)
        if not layout.deployment(endpoint, name).exists() and not Supervisor(layout).programs(prefix):
            return None
        return _state(inputs, "", [])


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(item) for item in value.values())
    return value is UNKNOWN


def _place(context: Context, state: State) -> tuple[Layout, str, str]:
    stack_uid, _, endpoint, name = state.id.split("/")
    return Layout(context.root, stack_uid), endpoint, name


def _state(inputs: Properties, generation: str, listed: list[int]) -> State:
    place = f"{inputs['stack_uid']}/deployment/{inputs['endpoint']}/{inputs['name']}"
    return State(place, inputs, {"generation": generation, "workers": [{"port": port} for port in listed]})
