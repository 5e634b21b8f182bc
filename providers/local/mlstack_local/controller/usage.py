"""Processor time of a deployment's workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psutil

from mlstack_local.deployments.ready import family
from mlstack_local.supervisor import Process, Program


class Meter:
    """Seconds that workers have used while they were in the rotation: what a start takes is no load."""

    def __init__(self) -> None:
        self._last: dict[int, float] = {}
        self._total = 0.0

    def read(
        self, processes: Mapping[str, Process], programs: Mapping[str, Program], listed: Iterable[int]
    ) -> float:
        """Of all processes that have been seen so far, those that ended included."""
        ports, now = set(listed), {}
        for name, program in programs.items():
            if program.meta["port"] in ports:
                for member in family(processes.get(name)):
                    now[member.pid] = _seconds(member)
        self._total += sum(max(0.0, used - self._last.get(pid, used)) for pid, used in now.items())
        self._last = now
        return self._total


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
