"""Whether workers are ready, or broken."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Sequence

import psutil

from mlstack_local import ports
from mlstack_local.supervisor import Program, Supervisor

#: Loading a large model from a slow disk takes minutes; one that crashes is noticed long before.
READY_SECONDS = 600.0
#: Starts of a worker that may fail (a port lost to someone else) before it counts as broken.
_CRASHES = 2


class Watch:
    """Follows one worker from its start until it is ready, or broken."""

    def __init__(self, program: Program, path: str) -> None:
        self.program = program
        self._path = path
        self._starts: set[int] = set()

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.program.meta["port"], timeout=5)
        try:
            connection.request("GET", self._path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def broken(self, supervisor: Supervisor) -> bool:
        process = supervisor.status().get(self.program.name)
        if process is None:
            return False
        if process.pid:
            self._starts.add(process.pid)
        if process.state == "BACKOFF" and not ports.is_free(self.program.meta["port"]):
            return True
        crashes = len(self._starts) - bool(process.pid)
        return process.state == "FATAL" or crashes >= _CRASHES


def wait_ready(
    programs: Sequence[Program],
    supervisor: Supervisor,
    *,
    path: str,
    initial_delay: float,
    cancelled: threading.Event,
    seconds: float = READY_SECONDS,
) -> Program | None:
    """Wait until all answer 200 on ``path``. The first that will not is returned, None when all are well."""
    watches = [Watch(program, path) for program in programs]
    deadline = time.monotonic() + initial_delay + seconds
    cancelled.wait(initial_delay)
    while watches:
        waiting = []
        for watch in watches:
            if watch.ready() and _is_ours(watch.program, supervisor):
                continue
            if watch.broken(supervisor) or time.monotonic() > deadline or cancelled.is_set():
                return watch.program
            waiting.append(watch)
        watches = waiting
        if watches:
            time.sleep(0.1)
    return None


def _is_ours(program: Program, supervisor: Supervisor) -> bool:
    """Whether it is this worker that listens on its port, not someone else's server."""
    process = supervisor.status().get(program.name)
    try:
        sockets = psutil.Process(process.pid).net_connections("tcp") if process and process.pid else []
    except psutil.Error:
        return False
    return any(
        found.status == psutil.CONN_LISTEN and found.laddr.port == program.meta["port"] for found in sockets
    )
