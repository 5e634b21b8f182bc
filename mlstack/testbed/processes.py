"""Processes that outlive the command which started them, and are known again by id and time of creation."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from mlstack.owner import CLOCK_STEP_SECONDS


@dataclass(frozen=True)
class Process:
    """``created`` (seconds since 1970) tells it from another one that the system gave the same id later."""

    pid: int
    created: float

    def running(self) -> bool:
        return self._found() is not None

    def _found(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < CLOCK_STEP_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def launch(command: Sequence[str | Path], folder: Path, log: Path) -> Process:
    """Start ``command`` in ``folder`` in a session of its own; what it says is appended to ``log``."""
    with log.open("ab") as out:
        process = psutil.Popen(
            command,
            cwd=folder,
            # The user's own settings (a proxy, a kwok.yaml at home) are not meant for it.
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(process.pid, process.create_time())


def end(processes: Iterable[Process], patience: float) -> None:
    """End all of them, and after ``patience`` seconds without mercy; none is left at the end."""
    found = [process for each in processes if (process := each._found()) is not None]
    for process in found:
        process.terminate()
    _, alive = psutil.wait_procs(found, timeout=patience)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive)
