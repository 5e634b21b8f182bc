"""The engine's process and the signals of the command that runs it."""

from __future__ import annotations

import signal
import stat
from pathlib import Path

import pytest

from mlstack.engine.command import Command
from mlstack.engine.install import Engine


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """An engine that hangs its caller up, and then goes on as if nothing had been."""
    program = tmp_path / "pulumi"
    program.write_text("#!/bin/sh\nkill -HUP $PPID\nsleep 0.3\necho done\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Command(Engine(program, "3.259.0", "path"))


def test_a_hang_up_stops_the_engine(command: Command, tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGHUP)
    with pytest.raises(Exception, match="code: -2"):
        command.run([], str(tmp_path), {})
    assert command.interrupted
    assert signal.getsignal(signal.SIGHUP) is before


def test_a_hang_up_that_is_ignored_stays_ignored(command: Command, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert command.run([], str(tmp_path), {}).stdout == "done"
        assert not command.interrupted
    finally:
        signal.signal(signal.SIGHUP, before)
