"""From whatever serves to what the inputs say: start, wait, switch, drain, end."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from mlstack import content
from mlstack.resource import Context, ResourceFailed
from mlstack_local import ports
from mlstack_local.deployments import note
from mlstack_local.deployments.inputs import CodePart, DeploymentInputs, generation_of
from mlstack_local.deployments.ready import wait_ready
from mlstack_local.deployments.recipe import Recipe, declare, deployment_prefix, move
from mlstack_local.files import private_folder
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program, Supervisor

CONFIRM_SECONDS = 20.0


class Rollout:
    """One `create` or `update`: from whatever is there to what the inputs say."""

    def __init__(self, context: Context, inputs: DeploymentInputs) -> None:
        self._context = context
        self._inputs = inputs
        self._layout = Layout(context.root, inputs.stack_uid)
        self._supervisor = Supervisor(self._layout)
        self._endpoint = self._layout.endpoint(inputs.endpoint)
        self._folder = self._layout.deployment(inputs.endpoint, inputs.name)
        self._generation = generation_of(inputs)

    def run(self) -> list[int]:
        """Ports of the workers that serve now. Raises ResourceFailed; what served before still does."""
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

    def _recipe(self) -> Recipe:
        inputs = self._inputs
        return Recipe(
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

    def _start(self, recipe: Recipe) -> list[Program]:
        layout, count = self._layout, self._inputs.replicas
        programs = self._supervisor.claim(lambda declared: declare(recipe, layout, count, declared))
        self._context.log(f"waiting for {count} worker{'s' * (count > 1)} to be ready")
        broken = self._wait(programs)
        if broken and self._lost_port(broken):
            lost = broken
            moved = self._supervisor.claim(lambda rest: [move(lost, recipe, layout, rest)])[0]
            programs = [moved if program.name == moved.name else program for program in programs]
            broken = self._wait(programs)
        if broken:
            raise self._failure(broken)
        return programs

    def _wait(self, programs: list[Program]) -> Program | None:
        probe = self._inputs.probe
        return wait_ready(
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

    def _turn_to(self, programs: list[Program]) -> list[int]:
        """The gateway to the new workers, the others to their end."""
        listed = [program.meta["port"] for program in programs]
        backend = configs.Backend(self._generation, tuple(listed), self._inputs.timeout_seconds)
        known = note.read(self._folder)
        made = {self._generation: note.dump(self._inputs)}
        note.Note({**(known.generations if known else {}), **made}).write(self._folder)
        with configs.locked(self._endpoint):
            config = configs.read(self._endpoint)
            assert config is not None
            if config.deployments.get(self._inputs.name) != backend:
                deployments = {**config.deployments, self._inputs.name: backend}
                config = configs.write(self._endpoint, replace(config, deployments=deployments))
        if not admin.confirmed(config, CONFIRM_SECONDS):
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
        note.Note(made).write(self._folder)
        return listed

    def _declared(self) -> dict[str, int]:
        prefix = deployment_prefix(self._inputs.endpoint, self._inputs.name)
        return {name: program.meta["port"] for name, program in self._supervisor.programs(prefix).items()}

    def _end_all_but(self, kept: set[int]) -> None:
        over = [name for name, port in self._declared().items() if port not in kept]
        if over:
            self._supervisor.apply(remove=over)
