"""The process that keeps the time for a stack's monitors.

    python -m mlstack_local.monitors.scheduler STACK_HOME PORT

It follows the monitors' files, starts a process for each reading that is due (`tend`), and ends one that
takes too long; one reading at a time per monitor, and few at once. All that it knows is in files: killed at
any moment, the next one goes on from there. On ``PORT`` of loopback it answers Prometheus at ``/metrics``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from prometheus_client import CollectorRegistry, start_http_server

from mlstack_local.layout import Layout
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors import exposition, schedule, tend
from mlstack_local.monitors.history import History

#: Readings at a time: they share the machine with what they watch.
_AT_ONCE = 2
_TICK = 0.5
_ENDING = 5.0


@dataclass
class _Task:
    process: subprocess.Popen[bytes]
    started: float
    due: schedule.Due | None


class Scheduler:
    def __init__(self, layout: Layout, limit: float = tend.SECONDS) -> None:
        self._layout = layout
        self._limit = limit
        self._tasks: dict[str, _Task] = {}
        self._wrong: dict[str, str] = {}
        self._stopped = threading.Event()

    def run(self) -> None:
        """Until `stop`."""
        while not self._stopped.wait(_TICK):
            self.step()
        for task in self._tasks.values():
            _end(task.process, signal.SIGTERM)
        deadline = time.monotonic() + _ENDING
        for task in self._tasks.values():
            try:
                task.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _end(task.process, signal.SIGKILL)

    def stop(self, *_: int | FrameType | None) -> None:
        self._stopped.set()

    def step(self) -> None:
        """See to what has ended, then start what is due. Nothing of one monitor holds up the others."""
        for name in [*self._tasks]:
            with self._alone(name):
                self._see_to(name)
        waiting: list[tuple[float, str, schedule.Due | None]] = []
        for name in exposition.names(self._layout):
            if name not in self._tasks:
                with self._alone(name):
                    waiting += self._waiting(name)
        for _, name, due in sorted(waiting, key=lambda each: each[0]):
            if len(self._tasks) < _AT_ONCE:
                self._spawn(name, due)

    @contextlib.contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """What is wrong with one monitor's files is said once, and is no matter of the others."""
        try:
            yield
        except FileNotFoundError:  # it is being removed
            pass
        except Exception as error:
            if self._wrong.get(name) != repr(error):
                self._wrong[name] = repr(error)
                print(f"monitor {name}: {error!r}", file=sys.stderr, flush=True)

    def _waiting(self, name: str) -> Iterator[tuple[float, str, schedule.Due | None]]:
        """What a monitor has to be started for: since when, its name, and the reading that is due."""
        folder = self._layout.monitor(name)
        definition = definitions.read(folder)
        if definition is None:
            return
        now = time.time()
        planned = schedule.due(folder, definition.every, now)
        if planned.next <= now:
            yield planned.next, name, planned
        elif messages := History(folder).due_messages(now):
            yield messages[0].next, name, None

    def _spawn(self, name: str, due: schedule.Due | None) -> None:
        word = repr(due.next) if due else "-"
        command = [sys.executable, "-m", "mlstack_local.monitors.tend", str(self._layout.home), name, word]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self._tasks[name] = _Task(process, time.monotonic(), due)

    def _see_to(self, name: str) -> None:
        task = self._tasks[name]
        code = task.process.poll()
        late = time.monotonic() - task.started > self._limit
        if code is None and not late:
            return
        if code is None:
            _end(task.process, signal.SIGKILL)
            task.process.wait()
        del self._tasks[name]
        if task.due is None:
            return
        error = None
        if late:
            error = f"the reading was not done after {self._limit:g} s"
        elif code:
            error = f"the reading ended with code {code}; the scheduler's log has more"
        try:
            if error:
                tend.record_failure(self._layout, name, error, task.due.next)
        finally:  # where it cannot be recorded, it must not be started over and over
            schedule.write(self._layout.monitor(name), task.due.after(time.time()))


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def main(home: Path, port: int) -> None:
    layout = Layout.at(home)
    registry = CollectorRegistry()
    registry.register(exposition.Readings(layout))
    try:
        start_http_server(port, "127.0.0.1", registry)
    except OSError as error:  # readings matter more than who counts them
        print(f"no metrics: port {port} cannot be had: {error}", file=sys.stderr, flush=True)
    scheduler = Scheduler(layout)
    signal.signal(signal.SIGTERM, scheduler.stop)
    signal.signal(signal.SIGINT, scheduler.stop)
    scheduler.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
