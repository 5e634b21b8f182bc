"""The Pulumi CLI as the Automation API's command, in a process group of its own.

Ctrl-C reaches a terminal's whole process group; a second one makes the engine drop what it does. So the
engine is kept out of that group, and is told once to stop (it then finishes the calls under way and
leaves a valid state), twice to stop at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from mlstack.engine.install import Engine

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(PulumiCommand):
    """Runs one engine process at a time. ``interrupted`` says whether the user stopped it."""

    def __init__(self, engine: Engine, on_interrupt: Callable[[int], None] = lambda _count: None) -> None:
        # not super().__init__: it would start the CLI just to ask for the version that is known
        self.command = str(engine.path)
        self.version = VersionInfo.parse(engine.version)
        self.interrupts = 0
        self._on_interrupt = on_interrupt
        self._process: subprocess.Popen[str] | None = None
        self._owed = 0

    @property
    def interrupted(self) -> bool:
        return self.interrupts > 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
        *,
        given: str | None = None,
    ) -> CommandResult:
        """``given`` is what the command reads from its standard input."""
        command = [self.command, "--non-interactive", *args]
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        output: list[str] = []
        errors: list[str] = []
        with (
            # before the engine starts: a Ctrl-C of that moment would end us and leave the engine alone
            self._forwarding_signals(),
            subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            ) as process,
        ):
            self._started(process)
            readers = [
                threading.Thread(target=_read, args=(process.stdout, output, on_output)),
                threading.Thread(target=_read, args=(process.stderr, errors, on_error)),
            ]
            for reader in readers:
                reader.start()
            if process.stdin is not None:
                _write(process.stdin, given or "")
            for reader in readers:
                reader.join()
            code = process.wait()
        result = CommandResult(stdout="\n".join(output), stderr="\n".join(errors), code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def stop(self) -> None:
        """Have the engine finish the calls under way, record them and end, as after one Ctrl-C."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)

    @contextmanager
    def _forwarding_signals(self) -> Iterator[None]:
        self._process, self._owed = None, 0
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread may handle signals; whoever runs us in another one does so
            return

        def forward(_number: int, _frame: FrameType | None) -> None:
            self.interrupts += 1
            self._on_interrupt(self.interrupts)
            if self._process is None:
                self._owed += 1
            else:
                self._process.send_signal(signal.SIGINT)

        # what is ignored stays ignored: `nohup` means a hang-up to change nothing
        heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, forward) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _started(self, process: subprocess.Popen[str]) -> None:
        """From now on signals go to the engine; so does what came while it was being started."""
        self._process = process
        while self._owed:
            self._owed -= 1
            process.send_signal(signal.SIGINT)


def _write(stream: IO[str], text: str) -> None:
    with suppress(BrokenPipeError), stream:  # one that ended early says itself why
        stream.write(text)


def _read(stream: IO[str] | None, lines: list[str], callback: Callable[[str], Any] | None) -> None:
    assert stream is not None
    for line in stream:
        lines.append(line.rstrip())
        if callback:
            callback(lines[-1])
