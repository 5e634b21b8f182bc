"""Commands in processes of their own that need no time for imports: each is forked from one that has them.

The long tables run hundreds of commands, and most of the time of one is Python's own start. What runs is the
same: `mlstack`'s own entry point, or the plain driver's, with its own environment, folder and streams.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

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
    "mlstack_azure.provider",
    "mlstack_azure.resources.upload",
    "mlstack_azure.resources.job",
    "mlstack_azure.kinds",
    "mlstack_azure.rehearsal.emulation",
    "_mlstack_azure_arm_ml_service.models",
    "azure.mgmt.core",
    "azure.storage.blob",
    "requests",
    "pathspec",
    "pulumi.automation",
    *(
        f"pulumi_azure_native.{module}.{part}"
        for module in ("machinelearningservices", "monitor", "keyvault", "storage", "authorization")
        for part in ("_inputs", "outputs")
    ),
)
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(list(_LOADED))


class Started:
    """A command that runs."""

    def __init__(self, arguments: list[str], root: Path, environment: Mapping[str, str]) -> None:
        self._streams = [tempfile.NamedTemporaryFile("w+") for _ in range(2)]  # noqa: SIM115 - see `ended`
        files = [stream.name for stream in self._streams]
        target: Callable[..., None] = _command if arguments[0] == MLSTACK else _script
        self._process = _forks.Process(target=target, args=(arguments, str(root), dict(environment), files))
        self._process.start()
        self.pid = self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self.ended(60)

    def ended(self, timeout: float) -> subprocess.CompletedProcess[str]:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            self.kill()
            raise TimeoutError(f"it still runs after {timeout:.0f} s")
        told = []
        for stream in self._streams:
            stream.seek(0)
            told.append(stream.read())
            stream.close()
        return subprocess.CompletedProcess([], code, *told)


def mlstack(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same as `tests.e2e.project.mlstack`."""
    return run([MLSTACK, *arguments], root, {**os.environ, **environment})


def run(arguments: list[str], root: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return Started(arguments, root, environment).ended(400)


def _enter(root: str, environment: dict[str, str], files: list[str]) -> None:
    os.chdir(root)
    os.environ.clear()
    os.environ.update(environment)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), number)


def _command(arguments: list[str], root: str, environment: dict[str, str], files: list[str]) -> None:
    _enter(root, environment, files)
    sys.argv = arguments
    from mlstack.cli import main

    sys.exit(main())


def _script(arguments: list[str], root: str, environment: dict[str, str], files: list[str]) -> None:
    """A Python script."""
    import runpy

    _enter(root, environment, files)
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")
