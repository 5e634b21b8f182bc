"""From whatever serves to what the inputs say: start, warm, switch, drain, end."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

from mlstack.resource import Context, ResourceFailed
from mlstack_local import ports
from mlstack_local.deployments import control, note
from mlstack_local.deployments.code import copy_code
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.deployments.lock import changing
from mlstack_local.deployments.ready import Broken, listening, wait_ready
from mlstack_local.deployments.recipe import Recipe, declare, deployment_prefix, move
from mlstack_local.deployments.warm import warm
from mlstack_local.files import matching, private_folder, remove_tree
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

    def run(self) -> list[int]:
        """Ports of the workers that serve now. Raises ResourceFailed; what served before still does."""
        if configs.read(self._endpoint) is None:
            raise ResourceFailed(
                f"deployment {self._inputs.name!r}: its endpoint {self._inputs.endpoint!r} is gone",
                remedy="run `mlstack refresh`, then `mlstack up`",
                category="transient",
            )
        with changing(self._endpoint, self._inputs.name):
            return self._run()

    def _run(self) -> list[int]:
        config = configs.read(self._endpoint)
        serving = config.deployments.get(self._inputs.name) if config else None
        if not self._folder.exists():
            # Workers whose folder was taken away would go on in one that nobody can see.
            self._end_all_but(set())
        private_folder(self._folder)
        recipe = self._recipe()
        try:
            if self._inputs.code:
                copy_code(self._layout.root, self._inputs.code, recipe.folder / "code")
            programs = self._start(recipe, serving)
        except BaseException:
            self._take_back(recipe, serving)
            raise
        return self._turn_to(recipe, programs)

    def _recipe(self) -> Recipe:
        """A server of the user's own stays with the PATH on which it was found first."""
        recipe = Recipe(self._layout, self._inputs, os.environ.get("PATH", os.defpath))
        known = note.read(self._folder)
        made = known.get(recipe.generation) if known else None
        return replace(recipe, path=made.path) if made and made.path else recipe

    def _count(self, recipe: Recipe, serving: configs.Backend | None) -> int:
        """As many as serve now, where that follows the load.

        Workers of a new generation show that they can serve, even if those before them are asleep.
        """
        least = self._inputs.replicas
        if self._inputs.scaling is None:
            return least
        is_new = serving is None or serving.generation != recipe.generation
        present = len(serving.workers) if serving else 0
        return min(max(present, least, int(is_new)), self._inputs.scaling.max)

    def _start(self, recipe: Recipe, serving: configs.Backend | None) -> list[Program]:
        count = self._count(recipe, serving)
        listed = set(serving.workers) if serving else set()

        def choose(declared: dict[str, Program]) -> list[Program]:
            first = {name for name, program in declared.items() if program.meta.get("port") in listed}
            return declare(recipe, count, declared, first)

        programs = self._supervisor.claim(choose)
        if count:
            self._context.log(f"waiting for {_workers(count)} to be ready")
        broken = self._wait(programs)
        if broken and self._lost_port(broken.program):
            lost = broken.program
            moved = self._supervisor.claim(lambda rest: [move(lost, recipe, rest)])[0]
            programs = [moved if program.name == moved.name else program for program in programs]
            broken = self._wait(programs)
        if broken:
            raise self._failure(broken, serving)
        self._warm([program for program in programs if program.meta["port"] not in listed])
        return programs

    def _wait(self, programs: list[Program]) -> Broken | None:
        probe = self._inputs.probe
        return wait_ready(
            programs,
            self._supervisor,
            path=probe.path,
            initial_delay=probe.initial_delay_seconds,
            cancelled=self._context.cancelled,
        )

    def _warm(self, programs: list[Program]) -> None:
        if self._inputs.server or not programs:
            return
        for program in programs:
            if cold := warm(program.meta["port"], self._inputs.endpoint, self._inputs.timeout_seconds):
                self._context.log(f"{_workers(len(programs))} loaded, without a first request: {cold}")
                return
        self._context.log(f"{_workers(len(programs))} ready and warm")

    def _lost_port(self, program: Program) -> bool:
        """Whether somebody else was quicker to listen where the worker should."""
        port = program.meta["port"]
        return not ports.is_free(port) and port not in listening(self._supervisor.status().get(program.name))

    def _failure(self, broken: Broken, serving: configs.Backend | None) -> ResourceFailed:
        where = f"deployment {self._inputs.name!r} of endpoint {self._inputs.endpoint!r}"
        if self._context.cancelled.is_set():
            return ResourceFailed(f"{where}: stopped before its workers were ready")
        lines = "\n".join(f"  {line}" for line in self._supervisor.log_tail(broken.program.name))
        return ResourceFailed(
            f"{where}: a worker {broken.why}; its log ends with\n{lines}",
            remedy=(broken.remedy or "mend what the log says, then run `mlstack up` again")
            + ("; what served before still does" if serving else ""),
        )

    def _take_back(self, recipe: Recipe, serving: configs.Backend | None) -> None:
        """Leave only what serves already."""
        self._end_all_but(set(serving.workers) if serving else set())
        if serving is None:
            shutil.rmtree(self._folder, ignore_errors=True)
        elif serving.generation != recipe.generation:
            shutil.rmtree(recipe.folder, ignore_errors=True)

    def _turn_to(self, recipe: Recipe, programs: list[Program]) -> list[int]:
        """The gateway to the new workers, the others to their end."""
        listed = [program.meta["port"] for program in programs]
        known = note.read(self._folder) or note.Note()
        made = {recipe.generation: note.Made.of(recipe)}
        note.Note({**known.generations, **made}).write(self._folder)
        config = self._switch(recipe.generation, listed)
        old = {port for port in self._declared().values() if port not in listed}
        admin.drained(config, old, self._inputs.timeout_seconds)
        self._end_all_but(set(listed))
        for folder in matching(self._folder):
            if folder.is_dir() and folder.name != recipe.generation:
                remove_tree(folder)
        note.Note(made).write(self._folder)
        control.arrange(self._layout, self._inputs.endpoint)
        return listed

    def _switch(self, generation: str, listed: list[int]) -> configs.Config:
        with configs.locked(self._endpoint):
            config = configs.read(self._endpoint)
            assert config is not None
            before = config.deployments.get(self._inputs.name)
            backend = replace(
                before or configs.Backend(generation, (), 0),
                generation=generation,
                workers=tuple(listed),
                timeout=self._inputs.timeout_seconds,
                health=self._inputs.probe.path,
                scaled=self._inputs.scaling is not None,
                body_limit=self._inputs.body_limit,
            )
            if before != backend:
                deployments = {**config.deployments, self._inputs.name: backend}
                config = configs.write(self._endpoint, replace(config, deployments=deployments))
        if not admin.confirmed(config, CONFIRM_SECONDS):
            raise ResourceFailed(
                f"the gateway of endpoint {self._inputs.endpoint!r} does not answer",
                remedy="run `mlstack up` again: it is started anew",
                category="transient",
            )
        return config

    def _declared(self) -> dict[str, int]:
        prefix = deployment_prefix(self._inputs.endpoint, self._inputs.name)
        return {name: program.meta["port"] for name, program in self._supervisor.programs(prefix).items()}

    def _end_all_but(self, kept: set[int]) -> None:
        over = [name for name, port in self._declared().items() if port not in kept]
        if over:
            self._supervisor.apply(remove=over)


def _workers(count: int) -> str:
    return f"{count} worker{'s' * (count != 1)}"
