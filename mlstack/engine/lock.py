"""One run at a time on a stack.

Our own lock is an advisory file lock: the system frees it when its owner dies, however it dies. The
engine's (file backend: a JSON file with pid, host and time) outlives its owner, so it is looked at here:
one of a dead process is removed, one of a living process is named.
"""

from __future__ import annotations

import getpass
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from mlstack import owner
from mlstack.errors import LockedError

#: How long an engine that lost its command may go on before it is told to stop, and before it is killed.
ORPHAN_SECONDS = (2.0, 60.0)


@contextmanager
def held(folder: Path, stack: str, command: str) -> Iterator[None]:
    """Hold the stack's lock. Raises LockedError, naming the owner, when another run has it."""
    folder.mkdir(parents=True, exist_ok=True)
    owner_file = folder / f"{stack}.json"
    lock = FileLock(folder / f"{stack}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(
            f"another run holds the stack {stack!r}: {_describe(owner_file)}",
            where=str(owner_file),
            remedy="wait until it has ended, or stop it",
        ) from None
    try:
        holder = {
            "pid": os.getpid(),
            "user": _user(),
            "host": socket.gethostname(),
            "command": command,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        owner_file.write_text(json.dumps(holder))
        yield
    finally:
        owner_file.unlink(missing_ok=True)
        lock.release()


def _user() -> str:
    """The user's name; the number where there is none, as in a container that runs as some number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the former until Python 3.12
        return str(os.getuid())


def free_engine_locks(folder: Path, stack: str, say: Callable[[str], None]) -> None:
    """Remove the engine's lock files below ``folder`` whose owners are dead; wait for an orphan to end.

    Raises LockedError when a living run that is not ours holds the stack.
    """
    for file in sorted(folder.glob("*.json")):
        holder = _read(file)
        process = _holder_process(holder)
        if process is not None and _is_orphan(process):
            say(f"an engine of an interrupted run (pid {process.pid}) is still ending; waiting for it")
            _end(process)
            process = None
        if process is not None or _elsewhere(holder):
            raise LockedError(
                f"another run holds the stack {stack!r}: {_words(holder)}",
                where=str(file),
                remedy="wait until it has ended, or stop it"
                + (" (on another machine: `pulumi cancel` when it is dead)" if _elsewhere(holder) else ""),
            )
        if file.exists():
            file.unlink(missing_ok=True)
            say(f"freed the lock of a dead run ({_words(holder)})")


def _holder_process(holder: dict[str, Any]) -> psutil.Process | None:
    """The living process that wrote the lock, if it is on this machine and really is that one."""
    if _elsewhere(holder):
        return None
    try:
        process = psutil.Process(int(holder["pid"]))
        written = datetime.fromisoformat(str(holder["timestamp"])).timestamp()
        # a process that is younger than the lock merely has the same number
        alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return process if alive and process.create_time() <= written + 1 else None
    except (psutil.NoSuchProcess, KeyError, ValueError):
        return None


def _is_orphan(process: psutil.Process) -> bool:
    """Whether an engine of ours outlived the command that started it (nobody reads its answers)."""
    try:
        return owner.is_orphan(process.environ())
    except psutil.Error:
        return False


def _end(process: psutil.Process) -> None:
    """Tell it to stop, which it does after the calls under way; end it when it does not."""
    grace, patience = ORPHAN_SECONDS
    for number, seconds in ((None, grace), (signal.SIGINT, patience), (signal.SIGKILL, 10.0)):
        try:
            if number is not None:
                process.send_signal(number)
            process.wait(seconds)
            return
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue


def _elsewhere(holder: dict[str, Any]) -> bool:
    return bool(holder.get("hostname")) and holder["hostname"] != socket.gethostname()


def _read(file: Path) -> dict[str, Any]:
    try:
        holder = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def _words(holder: dict[str, Any]) -> str:
    who, host = holder.get("username", "someone"), holder.get("hostname", "?")
    return f"{who}@{host}, pid {holder.get('pid', '?')}, since {holder.get('timestamp', '?')}"


def _describe(owner_file: Path) -> str:
    for _ in range(20):  # the owner writes its name just after it has taken the lock
        holder = _read(owner_file)
        if holder:
            return "{user}@{host}, pid {pid}, `{command}` since {since}".format(**holder)
        time.sleep(0.05)
    return "its owner has not said who it is"
