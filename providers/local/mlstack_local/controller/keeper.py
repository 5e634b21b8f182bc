"""One deployment: bring its workers, a step at a time, to what its inputs and its requests ask for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from mlstack_local.controller import usage
from mlstack_local.controller.demand import Demand, Sample
from mlstack_local.controller.pulse import Pulse
from mlstack_local.controller.sight import Sight
from mlstack_local.deployments import note
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.deployments.lock import changing_if_free
from mlstack_local.deployments.recipe import deployment_prefix, more
from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Process, Program, Supervisor

_CONFIRM_SECONDS = 5.0
#: What a worker that hangs has to end by itself, before it is killed.
_GRACE = 5.0
#: Between two starts of workers that do not come up.
_AGAIN_SECONDS = 30.0


@dataclass(frozen=True)
class _Scene:
    """``mine``: workers of the generation that serves, by name; ``strays``: what others left."""

    backend: configs.Backend
    mine: Mapping[str, Program]
    strays: Mapping[str, Program]
    processes: Mapping[str, Process]

    @property
    def listed(self) -> set[int]:
        return set(self.backend.workers)


class Keeper:
    def __init__(self, layout: Layout, name: str, pool: ThreadPoolExecutor) -> None:
        self._layout = layout
        self._name = name
        self._pool = pool
        self._supervisor = Supervisor(layout)
        self._inputs: DeploymentInputs
        self._made: note.Made | None = None
        self._pulse: Pulse
        self._demand: Demand | None = None
        self._usage = usage.Meter()
        self._leaving: dict[str, float] = {}
        self._ending: dict[str, tuple[int, float]] = {}
        self._started = 0.0
        self._told = -1

    def step(self, sight: Sight, made: note.Made) -> None:
        self._take_up(made)
        backend = sight.config.deployments[self._name]
        scene = self._scene(sight.config.endpoint, backend)
        self._pulse.look(scene.mine, scene.processes, scene.listed)
        wanted = self._wanted(sight, scene)
        with changing_if_free(self._layout.endpoint(self._inputs.endpoint), self._name) as free:
            # What was looked at may be from before a verb's change.
            config = configs.read(self._layout.endpoint(self._inputs.endpoint)) if free else None
            if config and config.deployments.get(self._name) == backend:
                self._bring_about(config, self._scene(config.endpoint, backend), wanted)

    def _take_up(self, made: note.Made) -> None:
        if self._made == made:
            return
        before = self._inputs.scaling if self._made else None
        self._made, self._inputs = made, made.typed
        self._pulse = Pulse(self._inputs, self._pool)
        if self._inputs.scaling != before:
            self._demand = None

    def _scene(self, endpoint: str, backend: configs.Backend) -> _Scene:
        programs = self._supervisor.programs(deployment_prefix(endpoint, self._name))
        prefix = f"{deployment_prefix(endpoint, self._name)}{backend.generation}."
        mine = {name: program for name, program in programs.items() if name.startswith(prefix)}
        strays = {name: program for name, program in programs.items() if name not in mine}
        return _Scene(backend, mine, strays, self._supervisor.status())

    def _wanted(self, sight: Sight, scene: _Scene) -> int:
        """How many workers there should be."""
        scaling, least, present = self._inputs.scaling, self._inputs.replicas, len(scene.mine)
        if scaling is None:
            return least
        if self._demand is None:
            self._demand = Demand(scaling, least, present, sight.time)
        if sight.totals is not None:
            in_flight = sum(row.in_flight for row in sight.rows(self._name))
            arrived = in_flight + sum(row.requests for row in sight.rows(self._name))
            sample = Sample(sight.time, in_flight, arrived)
            if scaling.metric == "cpu":
                seconds = self._usage.read(scene.processes, scene.mine, scene.listed)
                sample = replace(sample, cpu_seconds=seconds)
            self._demand.observe(sample)
        return self._demand.desired(present)

    def _bring_about(self, config: configs.Config, scene: _Scene, wanted: int) -> None:
        self._tell(len(scene.mine), wanted)
        kept = sorted(scene.mine, key=lambda name: (not self._serves(scene, name), _number(name)))[:wanted]
        self._end_those_that_hang(scene)
        turn = [name for name in sorted(kept, key=_number) if self._belongs(scene, name)]
        ports = tuple(scene.mine[name].meta["port"] for name in turn)
        if ports != scene.backend.workers:
            config = self._list(config, ports)
        over = {name: p for name, p in {**scene.mine, **scene.strays}.items() if name not in kept}
        self._dismiss(config, over)
        self._start(scene, kept, wanted)

    def _tell(self, present: int, wanted: int) -> None:
        """Once for each decision: workers that still answer are ended later."""
        if self._demand and wanted != present and wanted != self._told:
            cause = f"{self._inputs.scaling.metric} {self._demand.load:.3g}" if self._inputs.scaling else ""
            self._say(f"{present} -> {wanted} workers ({cause})")
        self._told = wanted

    def _serves(self, scene: _Scene, name: str) -> bool:
        return scene.mine[name].meta["port"] in scene.backend.workers

    def _belongs(self, scene: _Scene, name: str) -> bool:
        """Whether it should be sent requests from now on."""
        if name in self._ending:
            return False
        return not self._pulse.is_out(name) if self._serves(scene, name) else self._pulse.is_ready(name)

    def _list(self, config: configs.Config, ports: tuple[int, ...]) -> configs.Config:
        """The gateway's rotation."""
        folder = self._layout.endpoint(config.endpoint)
        with configs.locked(folder):
            fresh = configs.read(folder)
            if fresh is None or self._name not in fresh.deployments:
                return config
            backend = replace(fresh.deployments[self._name], workers=ports)
            config = configs.write(
                folder, replace(fresh, deployments={**fresh.deployments, self._name: backend})
            )
        admin.confirmed(config, _CONFIRM_SECONDS)
        return config

    def _dismiss(self, config: configs.Config, over: Mapping[str, Program]) -> None:
        """End those that are out of the rotation, once their last request is answered."""
        now = time.monotonic()
        self._leaving = {name: self._leaving.get(name, now) for name in over}
        if not over:
            return
        late = now - max(self._inputs.timeout_seconds, 1)
        # Verbs may have changed other deployments' part of the config: their number is as good.
        done = [name for name, since in self._leaving.items() if since < late]
        if admin.confirmed(config, 0):
            done += [name for name, p in over.items() if admin.drained(config, {p.meta["port"]}, 0)]
        if done:
            self._supervisor.apply(remove=set(done))

    def _start(self, scene: _Scene, kept: list[str], wanted: int) -> None:
        missing = wanted - len(kept)
        if missing > 0 and self._made:
            recipe = self._made.recipe(self._layout)
            self._supervisor.claim(lambda declared: more(recipe, missing, declared))
        # One that supervisord does not know was declared by somebody who was killed before it was started.
        known = scene.processes
        down = [name for name in kept if known and not (name in known and known[name].kept)]
        if down and time.monotonic() > self._started + _AGAIN_SECONDS:
            self._started = time.monotonic()
            self._say(f"{', '.join(down)} did not come up: started again")
            self._supervisor.apply([scene.mine[name] for name in down])

    def _end_those_that_hang(self, scene: _Scene) -> None:
        """They leave the rotation and are ended; supervisord starts them anew."""
        now = time.monotonic()
        for name, (pid, since) in list(self._ending.items()):
            process = scene.processes.get(name)
            if name not in scene.mine or process is None or process.pid != pid:
                del self._ending[name]
            elif now > since + _GRACE:
                self._supervisor.signal(process, kill=True)
        for name in scene.mine:
            if name not in self._ending and self._pulse.hangs(name) and name in scene.processes:
                self._say(f"{name} does not answer on {self._live_path}: started anew")
                self._ending[name] = (scene.processes[name].pid, now)
                self._supervisor.signal(scene.processes[name])

    @property
    def _live_path(self) -> str:
        return self._inputs.live.path if self._inputs.live else ""

    def _say(self, text: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {self._name}: {text}", flush=True)


def _number(name: str) -> int:
    return int(name.rpartition(".")[2])
