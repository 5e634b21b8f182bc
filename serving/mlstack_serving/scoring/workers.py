"""Processes that hold the model, one task at a time each. One that dies or hangs is replaced."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from mlstack_serving.config import Config
from mlstack_serving.errors import LoadError, StartError
from mlstack_serving.scoring.formats import Items

Task = TypeVar("Task")
_LOADING = "loading"
_MODEL = ("model", "flavor", "task", "code", "script", "sha256")


@dataclass(frozen=True)
class Answer(Generic[Task]):
    """``predictions`` None: it failed, for the reason in ``error``."""

    task: Task
    predictions: list[Any] | None = None
    error: str = ""
    traceback: str = ""


class Workers(Generic[Task]):
    """``facts`` are what the first worker says of the model, once `start` has returned."""

    def __init__(self, config: Config, count: int, timeout: float | None) -> None:
        self._argv = _arguments(config)
        self._count = count
        self._timeout = timeout
        self._all: list[_Worker] = []
        self.facts: dict[str, Any] = {}

    def start(self) -> None:
        """Start one, and wait until it has loaded the model; StartError where it cannot."""
        worker = self._add()
        while worker.doing is not None:
            self.answers()

    def more(self, useful: int) -> None:
        """As many as were asked for, but no more than can be of use."""
        while len(self._all) < min(self._count, useful):
            self._add()

    @property
    def idle(self) -> list[_Worker]:
        return [worker for worker in self._all if worker.doing is None]

    def give(self, task: Task, tensors: dict[str, Any], items: Items) -> None:
        """To one that is idle."""
        worker = self.idle[0]
        worker.doing = task
        worker.since = time.monotonic()
        with contextlib.suppress(ConnectionError):  # it died while it was idle: `answers` finds that
            worker.connection.send((tensors, items.named, items.texts))

    def answers(self) -> list[Answer[Task]]:
        """Wait for the next answers; of tasks whose worker has died or hung too."""
        ready = wait([worker.connection for worker in self._all], self._patience())
        found = []
        for worker in list(self._all):
            if worker.connection in ready:
                found += self._hear(worker)
            elif self._timeout and worker.busy and time.monotonic() - worker.since > self._timeout:
                found.append(Answer(worker.doing, error=f"took longer than {self._timeout:g} s"))
                self._replace(worker)
        return found

    def stop(self) -> None:
        for worker in self._all:
            worker.end()
        self._all = []

    def _hear(self, worker: _Worker) -> list[Answer[Task]]:
        task = worker.doing
        try:
            kind, *said = worker.connection.recv()
        except (EOFError, ConnectionError):
            ended = worker.how_it_ended()
            if task == _LOADING:
                raise LoadError(f"the model cannot be loaded: the process {ended}") from None
            self._replace(worker)
            return [] if task is None else [Answer(task, error=f"the scoring process {ended}")]
        worker.doing = None
        if kind == "start-error":
            raise _start_error(*said)
        if kind == "ready":
            self.facts = said[0]
            return []
        if kind == "done":
            return [Answer(task, predictions=said[0])]
        return [Answer(task, error=said[0], traceback=said[1])]

    def _patience(self) -> float | None:
        if not self._timeout:
            return None
        ends = [worker.since + self._timeout for worker in self._all if worker.busy]
        return max(0.0, min(ends) - time.monotonic()) + 0.01 if ends else None

    def _replace(self, worker: _Worker) -> None:
        worker.end()
        self._all.remove(worker)
        self._add()

    def _add(self) -> _Worker:
        worker = _Worker(self._argv)
        self._all.append(worker)
        return worker


class _Worker:
    """``doing`` is its task, None while it has none."""

    def __init__(self, argv: Sequence[str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mlstack_serving.scoring.worker", str(theirs.fileno()), *argv],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.connection = Connection(ours.detach())
        self.doing: Any = _LOADING
        self.since = time.monotonic()

    @property
    def busy(self) -> bool:
        return self.doing is not None and self.doing != _LOADING

    def how_it_ended(self) -> str:
        code = self._process.wait()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def end(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.wait()


def _arguments(config: Config) -> list[str]:
    given = ((item.name, getattr(config, item.name)) for item in fields(config) if item.name in _MODEL)
    return [word for name, value in given if value is not None for word in (f"--{name}", str(value))]


def _start_error(code: int, message: str) -> StartError:
    error = StartError(message)
    error.exit_code = code  # type: ignore[misc]
    return error
