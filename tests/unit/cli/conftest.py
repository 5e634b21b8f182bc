"""The real command line, run in a folder of its own."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

MLSTACK = Path(sys.executable).parent / "mlstack"


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(*args: str, stdin: str | None = None, **variables: str) -> Ran:
        done = subprocess.run(
            [MLSTACK, *args],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200", **variables},
            input=stdin or "",
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def at_terminal(tmp_path: Path) -> Terminal:
    """Run a command whose standard streams are a terminal; exit code and all that was shown.

    ``answers`` are (prompt, answer): each is typed once its prompt has been shown after the one before.
    """

    def run(command: list[str | Path], *answers: tuple[str, str]) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", "LINES": "50"}
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env={**environment, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            shown = ""
            for prompt, answer in answers:
                shown += _read(ours, until=prompt)
                os.write(ours, answer.encode() + b"\n")
            shown += _read(ours)
            code = process.wait(120)
        os.close(ours)
        return code, shown

    return run


def _read(stream: int, until: str | None = None) -> str:
    """What is shown up to a text, or to the end."""
    shown, deadline = b"", time.monotonic() + 120
    while until is None or until.encode() not in shown:
        assert time.monotonic() < deadline, f"{until!r} was not shown:\n{shown.decode()}"
        if not select.select([stream], [], [], 0.5)[0]:
            continue
        try:
            part = os.read(stream, 65536)
        except OSError:  # how a terminal says on Linux that the other end is gone
            break
        if not part:
            break
        shown += part
    return shown.decode(errors="replace")
