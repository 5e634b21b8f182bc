"""``mlstack:local:Deployment``: one or more workers that serve a model behind an endpoint's gateway.

What a worker is made of (model, environment, code, variables) is its generation. A change of it starts a
second set of workers; only when all of those are ready does the gateway turn to them, and the old ones end
once their last request is answered. A set that does not get ready is taken away again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import Field

from mlstack import content
from mlstack.resource import UNKNOWN, Context, Inputs, Properties, Resource, ResourceFailed, State
from mlstack_local import ports, workers
from mlstack_local.files import private_folder, prune, write_private
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program, Supervisor
from mlstack_local.workers import ModelPart, Part

_CONFIRM_SECONDS = 20.0
_NOTE = "deployment.json"
#: Inputs that do not make new workers.
_OUTSIDE = frozenset({"replicas", "timeout_seconds", "probe"})


class CodePart(Part):
    """``path`` relative to the spec's folder; ``digest`` as `mlstack.content.version` gives it."""

    path: str
    digest: str
    script: str | None = None


class SecretPart(Part):
    name: str
    hash: str


class Probe(Part):
    path: str = "/v2/health/ready"
    initial_delay_seconds: float = 0


class DeploymentInputs(Inputs):
    """``environment`` is "<name>@<version>"; ``runtime`` the version of the serving runtime."""

    stack_uid: str
    endpoint: str
    name: str
    model: ModelPart | None = None
    environment: str
    runtime: str
    code: CodePart | None = None
    replicas: int = 1
    env: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretPart] = Field(default_factory=dict)
    timeout_seconds: float = 60
    probe: Probe = Probe()


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
        return _Rollout(context, inputs).run()

    def read(self, context: Context, state: State) -> State | None:
        layout, endpoint, name = _place(context, state)
        config = configs.read(layout.endpoint(endpoint))
        note = _read_note(layout.deployment(endpoint, name))
        if config is None or note is None or name not in config.deployments:
            return None
        backend = config.deployments[name]
        supervisor = Supervisor(layout)
        processes = supervisor.status()
        kept = [
            program.meta["port"]
            for key, program in supervisor.programs(workers.deployment_prefix(endpoint, name)).items()
            if program.meta["port"] in backend.workers and key in processes and processes[key].kept
        ]
        inputs = {**(state.inputs or note["inputs"]), "replicas": len(kept)}
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
        programs = supervisor.programs(workers.deployment_prefix(endpoint, name))
        if config and admin.state(config):
            admin.confirmed(config, _CONFIRM_SECONDS)
            admin.drained(config, {p.meta["port"] for p in programs.values()}, _CONFIRM_SECONDS)
        supervisor.apply(remove=programs.keys())
        shutil.rmtree(layout.deployment(endpoint, name), ignore_errors=True)
        prune(folder, layout.home)

    def find(self, context: Context, inputs: Properties) -> State | None:
        layout = Layout(context.root, inputs["stack_uid"])
        endpoint, name = inputs["endpoint"], inputs["name"]
        note = _read_note(layout.deployment(endpoint, name))
        config = configs.read(layout.endpoint(endpoint))
        if note and config and name in config.deployments:
            backend = config.deployments[name]
            return _state(note["inputs"], backend.generation, list(backend.workers))
        prefix = workers.deployment_prefix(endpoint, name)
        if not layout.deployment(endpoint, name).exists() and not Supervisor(layout).programs(prefix):
            return None
        return _state(inputs, "", [])


def generation_of(inputs: DeploymentInputs) -> str:
    made_of = inputs.model_dump(exclude=set(_OUTSIDE), exclude_none=True)
    return content.fingerprint(json.dumps(made_of, sort_keys=True))


class _Rollout:
    """One `create` or `update`: from whatever is there to what the inputs say."""

    def __init__(self, context: Context, inputs: DeploymentInputs) -> None:
        self._context = context
        self._inputs = inputs
        self._layout = Layout(context.root, inputs.stack_uid)
        self._supervisor = Supervisor(self._layout)
        self._endpoint = self._layout.endpoint(inputs.endpoint)
        self._folder = self._layout.deployment(inputs.endpoint, inputs.name)
        self._generation = generation_of(inputs)

    def run(self) -> State:
        config = configs.read(self._endpoint)
        if config is None:
            raise ResourceFailed(
                f"deployment {self._inputs.name!r}: its endpoint {self._inputs.endpoint!r} is gone",
                remedy="run `mlstack refresh`, then `mlstack up`",
                category="transient",
            )
        serving = config.deployments.get(self._inputs.name)
        if not self._folder.exists():
            # Workers whose folder was taken away would go on in one that nobody can see.
            self._end_all_but(set())
        private_folder(self._folder)
        try:
            recipe = self._recipe()
            programs = self._start(recipe)
        except BaseException:
            self._take_back(serving)
            raise
        return self._turn_to(programs)

    def _recipe(self) -> workers.Recipe:
        inputs = self._inputs
        return workers.Recipe(
            endpoint=inputs.endpoint,
            deployment=inputs.name,
            generation=self._generation,
            environment=inputs.environment.partition("@")[2],
            runtime=inputs.runtime,
            model=inputs.model,
            code=self._copy_code(inputs.code) if inputs.code else None,
            script=inputs.code.script if inputs.code else None,
            env=inputs.env,
            secrets=[(variable, secret.name) for variable, secret in inputs.secrets.items()],
        )

    def _copy_code(self, code: CodePart) -> Path:
        """A copy, so that a worker that is started again tomorrow runs what was deployed today."""
        target = self._folder / self._generation / "code"
        if target.is_dir() and content.version(target) == code.digest:
            return target
        shutil.rmtree(target.parent, ignore_errors=True)
        source = self._layout.root / code.path
        for file in content.files(source):
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        if not target.is_dir() or content.version(target) != code.digest:
            raise ResourceFailed(
                f"the code in {code.path} changed while it was being deployed",
                remedy="run `mlstack up` again",
            )
        return target

    def _start(self, recipe: workers.Recipe) -> list[Program]:
        layout, count = self._layout, self._inputs.replicas
        programs = self._supervisor.claim(lambda declared: workers.declare(recipe, layout, count, declared))
        self._context.log(f"waiting for {count} worker{'s' * (count > 1)} to be ready")
        broken = self._wait(programs)
        if broken and self._lost_port(broken):
            lost = broken
            moved = self._supervisor.claim(lambda rest: [workers.move(lost, recipe, layout, rest)])[0]
            programs = [moved if program.name == moved.name else program for program in programs]
            broken = self._wait(programs)
        if broken:
            raise self._failure(broken)
        return programs

    def _wait(self, programs: list[Program]) -> Program | None:
        probe = self._inputs.probe
        return workers.wait_ready(
            programs,
            self._supervisor,
            path=probe.path,
            initial_delay=probe.initial_delay_seconds,
            cancelled=self._context.cancelled,
        )

    def _lost_port(self, program: Program) -> bool:
        process = self._supervisor.status().get(program.name)
        return not (process and process.state == "RUNNING") and not ports.is_free(program.meta["port"])

    def _failure(self, program: Program) -> ResourceFailed:
        where = f"deployment {self._inputs.name!r} of endpoint {self._inputs.endpoint!r}"
        if self._context.cancelled.is_set():
            return ResourceFailed(f"{where}: stopped before its workers were ready")
        lines = "\n".join(f"  {line}" for line in self._supervisor.log_tail(program.name))
        return ResourceFailed(
            f"{where}: a worker did not become ready; its log ends with\n{lines}",
            remedy="mend what the log says, then run `mlstack up` again; what served before still does",
        )

    def _take_back(self, serving: configs.Backend | None) -> None:
        """Leave only what serves already."""
        kept = set(serving.workers) if serving else set()
        self._end_all_but(kept)
        if serving is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        elif serving.generation != self._generation:
            shutil.rmtree(self._folder / self._generation, ignore_errors=True)

    def _turn_to(self, programs: list[Program]) -> State:
        """The gateway to the new workers, the others to their end."""
        listed = tuple(program.meta["port"] for program in programs)
        backend = configs.Backend(self._generation, listed, self._inputs.timeout_seconds)
        note = {"inputs": self._inputs.model_dump(exclude_none=True), "generation": self._generation}
        write_private(self._folder / _NOTE, json.dumps(note, indent=1))
        with configs.locked(self._endpoint):
            config = configs.read(self._endpoint)
            assert config is not None
            if config.deployments.get(self._inputs.name) != backend:
                deployments = {**config.deployments, self._inputs.name: backend}
                config = configs.write(self._endpoint, replace(config, deployments=deployments))
        if not admin.confirmed(config, _CONFIRM_SECONDS):
            raise ResourceFailed(
                f"the gateway of endpoint {self._inputs.endpoint!r} does not answer",
                remedy="run `mlstack up` again: it is started anew",
                category="transient",
            )
        old = {port for port in self._declared().values() if port not in listed}
        admin.drained(config, old, self._inputs.timeout_seconds)
        self._end_all_but(set(listed))
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name != self._generation:
                shutil.rmtree(folder)
        return _state(self._inputs.model_dump(), self._generation, list(listed))

    def _declared(self) -> dict[str, int]:
        prefix = workers.deployment_prefix(self._inputs.endpoint, self._inputs.name)
        return {name: program.meta["port"] for name, program in self._supervisor.programs(prefix).items()}

    def _end_all_but(self, kept: set[int]) -> None:
        over = [name for name, port in self._declared().items() if port not in kept]
        if over:
            self._supervisor.apply(remove=over)


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(item) for item in value.values())
    return value is UNKNOWN


def _read_note(folder: Path) -> dict[str, Any] | None:
    try:
        note: dict[str, Any] = json.loads((folder / _NOTE).read_text())
    except FileNotFoundError:
        return None
    return note


def _place(context: Context, state: State) -> tuple[Layout, str, str]:
    stack_uid, _, endpoint, name = state.id.split("/")
    return Layout(context.root, stack_uid), endpoint, name


def _state(inputs: Properties, generation: str, listed: list[int]) -> State:
    place = f"{inputs['stack_uid']}/deployment/{inputs['endpoint']}/{inputs['name']}"
    return State(place, inputs, {"generation": generation, "workers": [{"port": port} for port in listed]})
