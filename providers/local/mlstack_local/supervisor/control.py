"""Declare programs, and have supervisord run exactly those."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock
from supervisor.states import RUNNING_STATES, ProcessStates  # type: ignore[import-untyped]
from supervisor.xmlrpc import Faults  # type: ignore[import-untyped]

from mlstack.resource import ResourceFailed
from mlstack_local import secrets
from mlstack_local.files import last_lines, matching, private_folder, remove_tree, write_private
from mlstack_local.layout import Layout
from mlstack_local.masking import Masker
from mlstack_local.supervisor import client, config, orphans
from mlstack_local.supervisor.program import Process, Program

#: Of the environment that a command runs in, what kept programs must not inherit: secrets of the engine,
#: and the interpreter's own switches.
_NOT_INHERITED = ("PULUMI_", "MLSTACK_", "SUPERVISOR_", "PYTHON", "VIRTUAL_ENV", "__PYVENV")
_STOP_SECONDS = 40
_STOP_POLL = 0.05
_UP = frozenset({*RUNNING_STATES, ProcessStates.STOPPING})
_INHERITED = frozenset({"MLSTACK_CACHE"})


class Supervisor:
    """The supervisord of one stack. It runs as long as a program is declared, and no longer.

    Verbs in threads and processes of their own may call at once: a file lock orders them.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._home = layout.supervisor

    def programs(self, prefix: str = "") -> dict[str, Program]:
        """What is declared, by name."""
        declared = {}
        for file in matching(self._home, f"conf.d/{prefix}*.json"):
            # Who only looks takes no lock: another verb may forget a program between the listing and here.
            with suppress(FileNotFoundError):
                declared[file.stem] = Program.read(file)
        return declared

    def status(self) -> dict[str, Process]:
        """How each program fares; empty when supervisord is not there."""
        try:
            rows = client.connect(self._socket(), client.PATIENCE).getAllProcessInfo()
        except (*client.UNREACHABLE, xmlrpc.client.Fault):
            return {}
        return {
            row["name"]: Process(row["name"], row["statename"], row["pid"], row["start"], row["exitstatus"])
            for row in rows
        }

    def log(self, name: str) -> Path:
        return self._home / "log" / f"{name}.log"

    def log_tail(self, name: str, count: int = 15) -> list[str]:
        """Its last lines, as they may be shown: the stack's secrets masked."""
        masker = Masker(secrets.values(self._layout))
        return [masker.text(line) for line in last_lines(self.log(name), count)]

    def claim(self, declare: Callable[[dict[str, Program]], Sequence[Program]]) -> list[Program]:
        """Start what ``declare`` makes of all that is declared; nobody else takes a port in between."""
        with self._locked():
            programs = list(declare(self.programs()))
            self._apply(programs, ())
            return programs

    def apply(self, start: Sequence[Program] = (), remove: Collection[str] = ()) -> None:
        """Declare and start some programs, end and forget others. What runs as declared is left alone."""
        with self._locked():
            self._apply(start, remove)

    def ensure(self) -> None:
        """Have supervisord there, when anything is declared."""
        self.apply()

    def signal(self, process: Process, kill: bool = False) -> None:
        """Have a process and all in its group end; it is started again, as one that ended by itself is."""
        with suppress(ProcessLookupError):
            if process.pid:
                os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)

    def stop_all(self) -> None:
        """End everything and leave no file."""
        with self._locked():
            self._shut_down()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self._layout.socket.with_suffix(".lock")
        with FileLock(path, timeout=300):
            yield
            if not self._home.exists():
                path.unlink(missing_ok=True)

    def _socket(self) -> Path:
        """Where supervisord listens: as it was started, even if the runtime folder is another one now."""
        try:
            return Path((self._home / "socket").read_text())
        except FileNotFoundError:
            return self._layout.socket

    def _apply(self, start: Sequence[Program], remove: Collection[str]) -> None:
        changed = self._declare(start, remove)
        declared = self.programs()
        if not declared:
            self._shut_down()
            return
        self._write_config(declared)
        if self._running():
            self._bring_about(declared.keys(), {program.name for program in start}, changed)
        else:
            self._start()
        for name in remove:
            self._forget(name)

    def _bring_about(self, declared: Set[str], wanted: Set[str], changed: Set[str]) -> None:
        supervisord = client.connect(self._socket())
        supervisord.reloadConfig()
        present = {row["group"] for row in supervisord.getAllProcessInfo()}
        self._stop(supervisord, present - declared | present & changed)
        for name in present - declared:
            supervisord.removeProcessGroup(name)
            self._forget(name)
        for name in declared - present:
            supervisord.addProcessGroup(name)
        for name in present & wanted:
            state = supervisord.getProcessInfo(name)["statename"]
            if state == "BACKOFF":
                with client.unless(Faults.NOT_RUNNING):
                    supervisord.stopProcess(name)
            if state not in {"RUNNING", "STARTING"}:
                with client.unless(Faults.ALREADY_STARTED):  # by itself, just now
                    supervisord.startProcess(name, False)

    @staticmethod
    def _stop(supervisord: Any, names: Set[str]) -> None:
        """End some programs, all at the same time: each may have requests to finish."""
        for name in names:
            supervisord.stopProcessGroup(name, False)
        deadline = time.monotonic() + _STOP_SECONDS
        while names and time.monotonic() < deadline:
            names = {
                row["name"]
                for row in supervisord.getAllProcessInfo()
                if row["name"] in names and row["state"] in _UP
            }
            if names:
                time.sleep(_STOP_POLL)

    def _running(self) -> bool:
        """Whether supervisord is there. One whose folder was taken away is ended: it cannot read its file."""
        if not client.running(self._socket()):
            return False
        if orphans.noted(self._home / "run" / orphans.SUPERVISORD):
            return True
        process = psutil.Process(client.connect(self._socket()).getPID())
        process.terminate()
        orphans.wait([process], _STOP_SECONDS)
        return False

    def _declare(self, start: Sequence[Program], remove: Collection[str]) -> set[str]:
        """Write and remove the programs' files; the names of those that are other than they were."""
        changed = set()
        for name in remove:
            (self._home / "conf.d" / f"{name}.json").unlink(missing_ok=True)
        for folder in ("conf.d", "log", "run"):
            if start:
                private_folder(self._home / folder)
        declared = self.programs()
        for program in start:
            if declared.get(program.name) != program:
                program.write(self._home / "conf.d")
                changed.add(program.name)
        return changed

    def _write_config(self, declared: Collection[str]) -> None:
        write_private(self._home / "supervisord.conf", config.render(self._socket(), declared))

    def _start(self) -> None:
        """Start supervisord. One that was killed left its programs running: they are ended first."""
        orphans.end(self._home / "run")
        self._socket().unlink(missing_ok=True)
        write_private(self._home / "socket", str(self._layout.socket))
        self._write_config(self.programs())
        command = [sys.executable, "-m", "mlstack_local.supervisor.daemon", "-c", "supervisord.conf"]
        with (self._home / "log" / "start.log").open("wb") as log:
            # It forks into the background once its socket listens; the first process then ends.
            code = subprocess.run(
                command, cwd=self._home, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            ).returncode
        for _ in range(100):
            if code or client.running(self._socket()):
                break
            time.sleep(0.05)
        else:
            code = 1
        if code:
            lines = last_lines(self._home / "log" / "start.log", 10)
            raise ResourceFailed(
                "supervisord, which keeps the workers alive, did not start:\n" + "\n".join(lines),
                remedy=f"its log is in {self._layout.relative(self._home / 'log')}",
                category="bug",
            )

    def _shut_down(self) -> None:
        if not self._home.exists():
            return
        if self._running() and (process := orphans.noted(self._home / "run" / orphans.SUPERVISORD)):
            process.terminate()
            orphans.wait([process], _STOP_SECONDS)
        orphans.end(self._home / "run")
        self._socket().unlink(missing_ok=True)
        remove_tree(self._home)

    def _forget(self, name: str) -> None:
        for file in [self._home / "run" / f"{name}.json", *matching(self._home, f"log/{name}.log*")]:
            file.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    return {
        key: value
        for key, value in os.environ.items()
        if key in _INHERITED or not key.startswith(_NOT_INHERITED)
    }
