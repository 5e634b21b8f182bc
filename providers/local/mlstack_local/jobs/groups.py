"""Process groups: who is in one, and how it is ended."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable

import psutil

from mlstack_local.jobs.record import Process

_SAME_SECONDS = 2.0  # the start of a process, read twice, may differ by the clock's corrections in between


def identify(pid: int) -> Process:
    """The living process of that number. Raises psutil.NoSuchProcess."""
    return Process(pid, psutil.Process(pid).create_time())


def find(process: Process | None) -> psutil.Process | None:
    """The very process, when it is still alive."""
    if process is None:
        return None
    with contextlib.suppress(psutil.NoSuchProcess):
        found = psutil.Process(process.pid)
        if abs(found.create_time() - process.created) < _SAME_SECONDS and _alive(found):
            return found
    return None


def end(leaders: Iterable[Process], grace_seconds: float) -> None:
    """TERM to all that belong to the groups, their descendants too; KILL to those left after the grace."""
    leaders = list(leaders)
    members = _members(leaders)
    _signal(members, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while any(_alive(process) for process in members) and time.monotonic() < deadline:
        time.sleep(0.05)
    while members := [one for one in {*members, *_members(leaders)} if _alive(one)]:
        _signal(members, signal.SIGKILL)
        time.sleep(0.02)


def _members(leaders: Iterable[Process]) -> list[psutil.Process]:
    numbers = {leader.pid: leader for leader in leaders if not _is_reused(leader)}
    found: set[psutil.Process] = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            leader = numbers.get(os.getpgid(process.pid))
            if leader and process.create_time() > leader.created - _SAME_SECONDS and _alive(process):
                found |= {process, *process.children(recursive=True)}
    return list(found)


def _is_reused(leader: Process) -> bool:
    """Whether another process has the leader's number now: then none of its group is left."""
    return find(leader) is None and psutil.pid_exists(leader.pid) and not _is_zombie(leader.pid)


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)
