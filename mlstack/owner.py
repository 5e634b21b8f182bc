"""Which command a process works for, and whether that command still lives.

Engines and plugins outlive a command that is killed; a process id alone does not tell, because the
system gives it to another process later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import psutil

VARIABLE = "MLSTACK_OWNER"

#: A process's time of creation is told by the wall clock, which may be set while it runs.
CLOCK_STEP_SECONDS = 5.0


def mark() -> dict[str, str]:
    """The variable that names this process as the owner, for the processes that it starts."""
    return {VARIABLE: f"{os.getpid()}@{psutil.Process().create_time()}"}


def is_orphan(environment: Mapping[str, str]) -> bool:
    """Whether the owner that an environment names is dead. Without one, nobody is missing."""
    pid, _, since = environment.get(VARIABLE, "").partition("@")
    if not pid:
        return False
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(since)) < CLOCK_STEP_SECONDS
        return not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
