"""How each worker of a deployment fares: asked in threads, so that one that hangs holds up nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from mlstack_local.deployments.inputs import DeploymentInputs, LiveProbe, Probe
from mlstack_local.deployments.ready import ask, listening
from mlstack_local.deployments.warm import warm
from mlstack_local.supervisor import Process, Program

#: How often a worker is asked that is not in the rotation: requests may be waiting for it.
_EAGER = 0.2


@dataclass
class _Question:
    """One probe of one worker: when it is asked next, and how often in a row the answer was no."""

    due: float = 0.0
    misses: int = 0
    answered: bool = False
    asked: Future[bool] | None = None

    def look(self, now: float, period: float, question: Callable[[], bool], pool: ThreadPoolExecutor) -> None:
        if self.asked is not None and self.asked.done():
            well = self.asked.exception() is None and self.asked.result()
            self.asked, self.answered, self.due = None, True, now + period
            self.misses = 0 if well else self.misses + 1
        if self.asked is None and now >= self.due:
            self.asked = pool.submit(question)


@dataclass
class _Worker:
    """``pid`` is the process that the questions are about: another one begins anew."""

    pid: int
    ready: _Question = field(default_factory=_Question)
    live: _Question = field(default_factory=_Question)
    is_warm: bool = False
    was_ready: bool = False


class Pulse:
    """A worker is asked whether it is alive only after it was ready once: to load a model may take long."""

    def __init__(self, inputs: DeploymentInputs, pool: ThreadPoolExecutor) -> None:
        self._inputs = inputs
        self._pool = pool
        self._workers: dict[str, _Worker] = {}

    def look(
        self, programs: Mapping[str, Program], processes: Mapping[str, Process], listed: set[int]
    ) -> None:
        """Ask whoever is due, and take up what was answered."""
        now = time.monotonic()
        for name in self._workers.keys() - programs.keys():
            del self._workers[name]
        for name, program in programs.items():
            process = processes.get(name)
            if process is None or not process.pid:
                self._workers.pop(name, None)
                continue
            worker = self._workers.get(name)
            if worker is None or worker.pid != process.pid:
                worker = self._workers[name] = _Worker(process.pid)
                worker.is_warm = program.meta["port"] in listed
            self._ask(worker, process, program.meta["port"], program.meta["port"] in listed, now)

    def is_ready(self, name: str) -> bool:
        """Whether it may come into the rotation."""
        worker = self._workers.get(name)
        return bool(worker and worker.ready.answered and not worker.ready.misses)

    def is_out(self, name: str) -> bool:
        """Whether it has to leave the rotation. One that ended is started again: the gateway waits for it."""
        worker, probe = self._workers.get(name), self._inputs.probe
        return bool(worker and probe.period_seconds is not None and worker.ready.misses >= probe.failures)

    def hangs(self, name: str) -> bool:
        worker, live = self._workers.get(name), self._inputs.live
        return bool(worker and live and worker.live.misses >= live.failures)

    def pid(self, name: str) -> int | None:
        worker = self._workers.get(name)
        return worker.pid if worker else None

    def _ask(self, worker: _Worker, process: Process, port: int, is_listed: bool, now: float) -> None:
        age = time.time() - process.started
        probe, live = self._inputs.probe, self._inputs.live
        period = probe.period_seconds if is_listed else _EAGER
        if period is not None and age >= probe.initial_delay_seconds:
            worker.ready.look(now, period, lambda: self._is_ready(worker, process, port, probe), self._pool)
        worker.was_ready = (
            worker.was_ready or is_listed or (worker.ready.answered and not worker.ready.misses)
        )
        if live and worker.was_ready and age >= live.initial_delay_seconds:
            worker.live.look(now, live.period_seconds, lambda: _is_alive(port, live), self._pool)

    def _is_ready(self, worker: _Worker, process: Process, port: int, probe: Probe) -> bool:
        if ask(port, probe.path, probe.timeout_seconds) != 200 or port not in listening(process):
            return False
        if not worker.is_warm:
            worker.is_warm = True
            if not self._inputs.server:
                warm(port, self._inputs.endpoint, self._inputs.timeout_seconds)
        return True


def _is_alive(port: int, live: LiveProbe) -> bool:
    status = ask(port, live.path, live.timeout_seconds)
    return status is not None and 200 <= status < 400
