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


@pytest.fixture
def at_terminal() -> Callable[[str, str, Path], tuple[int, str]]:
    """Run Python code whose standard streams are a terminal, type an answer; exit code and what was shown."""

    def run(code: str, answer: str, folder: Path) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            os.write(ours, answer.encode() + b"\n")
            shown = _read(ours, deadline=time.monotonic() + 30)
            code_of = process.wait(10)
        os.close(ours)
        return code_of, shown

    return run


def _read(stream: int, deadline: float) -> str:
    shown = b""
    while time.monotonic() < deadline:
        if not select.select([stream], [], [], 0.5)[0]:
            continue
        try:
            part = os.read(stream, 65536)
        except OSError:  # how a terminal says on Linux that the other end is gone
            break
        if not part:
            break
        shown += part
    return shown.decode()
