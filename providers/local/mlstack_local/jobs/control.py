"""Starting, attaching to, awaiting and stopping runs, from any process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from mlstack.errors import TargetError
from mlstack_local.files import last_lines
from mlstack_local.jobs import groups, surroundings
from mlstack_local.jobs.record import ENDED, Record, Request, RunFolder

_POLL = 0.1
_START_SECONDS = 120.0
_TAIL = 20


def is_live(record: Record | None) -> bool:
    """Whether a runner is at work on it. One that was killed leaves "running" behind, but no runner."""
    return record is not None and record.status not in ENDED and groups.find(record.runner) is not None


def is_lost(record: Record | None) -> bool:
    """Whether its runner died before the end."""
    return record is not None and record.status not in ENDED and not is_live(record)


def settled(run: RunFolder) -> Record | None:
    """The record of a run; whether `is_lost` holds of it is certain.

    A runner writes its end and goes: who reads before the one and looks for the runner after the other
    would take a run that ended well for a lost one.
    """
    record = run.read()
    return run.read() if is_lost(record) else record


def is_done(run: RunFolder, record: Record | None) -> bool:
    """Whether it succeeded, and what it made is still there."""
    if record is None or record.status != "succeeded":
        return False
    return all(run.output(name).exists() for name in record.outputs)


def start(run: RunFolder, request: Request) -> Record:
    """See to it that the run is going, or has succeeded: attach to one that lives, leave one that is
    done, start it (again) else. What a killed runner left is ended before."""
    with run.start_lock():
        record = settled(run)
        if record is not None and (is_done(run, record) or is_live(record)):
            return record
        if record is not None:
            groups.end(record.groups, request.grace_seconds)
        run.log.unlink(missing_ok=True)
        run.write_request(request)
        run.write(Record(requested=time.time()))
        return _spawn(run)


def _spawn(run: RunFolder) -> Record:
    keep = ("PYTHONPATH", "COVERAGE_")  # the runner is this project's own code, wherever that is found
    with (run.path / "runner.txt").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mlstack_local.jobs.runner", str(run.path)],
            cwd=run.path,
            env=surroundings.cleaned(os.environ, keep=keep),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        over = process.returncode is not None  # before its record is read, which is the last one then
        record = run.read()
        if record is not None and record.status != "pending":
            return record
        if over:
            break
        time.sleep(0.02)
    raise TargetError(
        "the job's runner did not start\n" + "\n".join(last_lines(run.path / "runner.txt", 3)),
        code="runner-failed",
        remedy="run the same command again",
    )


def wait(
    run: RunFolder,
    log: Callable[[str], None],
    cancelled: threading.Event | None = None,
    burst: int | None = None,
) -> Record:
    """Show the run's log until it ends; its last record. Stops the run when ``cancelled`` is set.

    With ``burst`` no more than so many lines are shown at once, the newest.
    """
    lines = Follower(run.log)
    while True:
        record = run.read()
        over = record is None or record.status in ENDED or is_lost(record)
        new = lines.read(rest=over)
        if burst is not None and len(new) > burst:
            log(f"({len(new) - burst} lines more are in the log)")
            new = new[-burst:]
        for line in new:
            log(line)
        if over:
            # the record was read before the runner was found gone: it may have ended well in between
            return run.read() or Record(status="cancelled", message="its folder was removed")
        if cancelled is not None and cancelled.is_set():
            stop(run)
            continue
        time.sleep(_POLL)


def stop(run: RunFolder) -> bool:
    """End the run and all its processes; whether there was one. It is "cancelled" then."""
    with run.start_lock():
        record = run.read()
        if record is None or record.status in ENDED:
            return False
        grace = run.read_request().grace_seconds
        runner = groups.find(record.runner)
        if runner is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                runner.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + grace + 5
            while groups.find(record.runner) and time.monotonic() < deadline:
                time.sleep(0.02)
            if (runner := groups.find(record.runner)) is not None:
                with contextlib.suppress(psutil.NoSuchProcess):
                    runner.kill()
        record = run.read() or record
        groups.end(record.groups, grace)
        if record.status not in ENDED:
            run.write(record.but(status="cancelled", message="stopped", ended=time.time()))
        return True


def told(record: Record) -> str:
    """What became of a run that did not succeed, as the end of a sentence."""
    match record.status:
        case "cancelled":
            return "was stopped"
        case "timed-out":
            return f"was {record.message}"
        case "failed":
            return f"failed: {record.message}"
        case _:
            return "was lost: its runner was killed"


def tail(run: RunFolder) -> str:
    """The last lines of its log."""
    return "\n".join(last_lines(run.log, _TAIL))


class Follower:
    """Whole lines of a growing file, each once."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self._offset = offset
        self._rest = b""

    def read(self, *, rest: bool = False) -> list[str]:
        """The lines that have come since; with ``rest`` the last one too, although it has no end."""
        try:
            with self._path.open("rb") as stream:
                if stream.seek(0, os.SEEK_END) < self._offset:
                    self._offset = 0  # it was rotated
                stream.seek(self._offset)
                new = stream.read()
        except FileNotFoundError:
            return []
        self._offset += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        if rest and self._rest:
            lines.append(self._rest)
            self._rest = b""
        return [line.decode(errors="replace") for line in lines]
