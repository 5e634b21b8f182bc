"""Commands in processes of their own that need no time for imports: each is forked from one that has them.

The long tables run hundreds of commands, and most of the time of one is Python's own start. What runs is the
same: `mlstack`'s own entry point, or the plain driver's, with its own environment, folder and streams.

One process has what a cloud needs (``PRELOADED`` in its module of facts), and forks the commands. There is
one at a time: an SDK of a cloud takes hundreds of megabytes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from pkgutil import resolve_name

from tests.e2e.rehearsal.clouds import known

MLSTACK = "mlstack"
_LOADED = (
    "mlstack.cli.app",
    "mlstack.cli.commands.apply",
    "mlstack.cli.commands.down",
    "mlstack.cli.operate",
    "mlstack.engine.operations",
    "mlstack.spec.load",
    "mlstack.rehearsal.serve",
    "mlstack.plugin.__main__",
    "pathspec",
    "pulumi.automation",
)
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(list(_LOADED))


class Loaded:
    """A process with the modules of one cloud, from which commands are forked."""

    def __init__(self, cloud: str) -> None:
        self.cloud = cloud
        self._told, end = _forks.Pipe()
        self._process = _forks.Process(target=_serve, args=(end, known(cloud).PRELOADED), daemon=True)
        self._process.start()
        end.close()

    def start(self, *command: object) -> int:
        """The id of the process."""
        self._told.send(command)
        number: int = self._told.recv()
        return number

    def code(self, pid: int) -> int | None:
        """The exit code of one that has ended; None while it runs."""
        self._told.send(pid)
        found: int | None = self._told.recv()
        return found

    def close(self) -> None:
        self._told.close()
        self._process.join()


_loaded: Loaded | None = None


def loaded(cloud: str) -> Loaded:
    global _loaded
    if _loaded is None or _loaded.cloud != cloud:
        if _loaded is not None:
            _loaded.close()
        _loaded = Loaded(cloud)
    return _loaded


class Started:
    """A command that runs, from a process that has the modules of ``cloud``."""

    def __init__(self, cloud: str, arguments: list[str], root: Path, environment: Mapping[str, str]) -> None:
        self._streams = [tempfile.NamedTemporaryFile("w+") for _ in range(2)]  # noqa: SIM115 - see `ended`
        files = [stream.name for stream in self._streams]
        self._loaded = loaded(cloud)
        self._code: int | None = None
        self.pid = self._loaded.start(arguments, str(root), dict(environment), files)

    @property
    def runs(self) -> bool:
        if self._code is None:
            self._code = self._loaded.code(self.pid)
        return self._code is None

    def kill(self) -> None:
        if self.runs:
            os.kill(self.pid, signal.SIGKILL)
        self.ended(60)

    def ended(self, timeout: float) -> subprocess.CompletedProcess[str]:
        until = time.monotonic() + timeout
        while self.runs:
            if time.monotonic() > until:
                self.kill()
                raise TimeoutError(f"it still runs after {timeout:.0f} s")
            time.sleep(0.005)
        told = []
        for stream in self._streams:
            stream.seek(0)
            told.append(stream.read())
            stream.close()
        assert self._code is not None
        return subprocess.CompletedProcess([], self._code, *told)


def mlstack(cloud: str, root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same as `tests.e2e.project.mlstack`."""
    return run(cloud, [MLSTACK, *arguments], root, {**os.environ, **environment})


def run(
    cloud: str, arguments: list[str], root: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return Started(cloud, arguments, root, environment).ended(400)


# within the process that has the modules


def _serve(asked: Connection, modules: tuple[str, ...]) -> None:
    """Start a command for each that comes, or tell of one that was started; until nobody asks any more."""
    for name in modules:
        found = resolve_name(name)
        if callable(found):
            found()
    ended: dict[int, int] = {}
    while True:
        try:
            wanted = asked.recv()
        except EOFError:
            return
        if isinstance(wanted, int):
            if wanted not in ended:
                pid, status = os.waitpid(wanted, os.WNOHANG)
                if pid:
                    ended[pid] = os.waitstatus_to_exitcode(status)
            asked.send(ended.get(wanted))
        elif pid := os.fork():
            asked.send(pid)
        else:
            asked.close()
            _become(*wanted)


def _become(arguments: list[str], root: str, environment: dict[str, str], files: list[str]) -> None:
    """Never returns."""
    code = 1
    try:
        _enter(root, environment, files)
        sys.argv = arguments
        code = _command() if arguments[0] == MLSTACK else _script(arguments[0])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _enter(root: str, environment: dict[str, str], files: list[str]) -> None:
    os.chdir(root)
    os.environ.clear()
    os.environ.update(environment)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), number)


def _command() -> int:
    from mlstack.cli import main

    return main()


def _script(path: str) -> int:
    """A Python script."""
    import runpy

    runpy.run_path(path, run_name="__main__")
    return 0
