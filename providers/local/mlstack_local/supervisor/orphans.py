"""Processes that outlived their supervisord, found by the notes that they left in ``run/``."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from mlstack_local.files import matching

SUPERVISORD = "@supervisord.json"
_GRACE = 5.0


def note_self(path: Path) -> None:
    """Leave one's process number and start time at ``path``."""
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time()}))
    temporary.replace(path)


def noted(note: Path) -> psutil.Process | None:
    """The living process of a note; None when it ended, or another one has its number now."""
    try:
        document = json.loads(note.read_text())
        process = psutil.Process(document["pid"])
        # Reading the start of a process twice may differ by the clock's corrections in between.
        same = abs(process.create_time() - document["created"]) < 2
        return process if same and _alive(process) else None
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None


def wait(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for some processes to end; those still there afterwards.

    psutil's own wait takes a zombie for a living process until init gets round to it.
    """
    deadline = time.monotonic() + seconds
    while (living := [process for process in processes if _alive(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return living


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(folder: Path) -> None:
    """End every process that has a note in ``folder``; supervisord first, so that it restarts none."""
    _end([folder / SUPERVISORD], signal.SIGKILL)
    _end(matching(folder, "*.json"), signal.SIGTERM)


def _end(notes: Iterable[Path], first: signal.Signals) -> None:
    living = [process for note in notes if (process := noted(note))]
    for number in (first, signal.SIGKILL):
        for process in living:
            # Each program leads a process group of its own: what it started ends with it.
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
                os.killpg(os.getpgid(process.pid), number)
        living = wait(living, _GRACE)
    for note in notes:
        note.unlink(missing_ok=True)
