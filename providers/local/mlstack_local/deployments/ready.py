"""Whether workers are ready, or broken."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from mlstack_local import ports
from mlstack_local.supervisor import Process, Program, Supervisor

#: Loading a large model from a slow disk takes minutes; one that crashes is noticed long before.
READY_SECONDS = 600.0
#: Starts of a worker that may fail (a port lost to someone else) before it counts as broken.
_CRASHES = 2
#: How long a path may be unknown to a server that answers already.
_UNKNOWN_SECONDS = 20.0
_POLL = 0.1
_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Broken:
    """``why`` follows "a worker"; ``remedy`` None: what its log says is the cause."""

    program: Program
    why: str = "did not become ready"
    remedy: str | None = None


class Watch:
    """Follows one worker from its start until it is ready, or broken."""

    def __init__(self, program: Program, path: str) -> None:
        self.program = program
        self._path = path
        self._port: int = program.meta["port"]
        self._starts: set[int] = set()
        self._unknown_since: float | None = None
        self._looked = time.monotonic()

    def ready(self, process: Process | None) -> bool:
        """Whether it says so, and it is this worker that listens there, not someone else's server."""
        status = ask(self._port, self._path)
        if status != 404:
            self._unknown_since = None
        elif self._unknown_since is None:
            self._unknown_since = time.monotonic()
        return status == 200 and self._port in listening(process)

    def broken(self, process: Process | None) -> Broken | None:
        if process is None:
            return None
        if process.pid:
            self._starts.add(process.pid)
        crashes = len(self._starts) - bool(process.pid)
        lost = process.state == "BACKOFF" and not ports.is_free(self._port)
        if lost or process.state == "FATAL" or crashes >= _CRASHES:
            return Broken(self.program)
        if self._unknown_since and time.monotonic() - self._unknown_since > _UNKNOWN_SECONDS:
            return Broken(
                self.program,
                f"answers 404 on {self._path}, which should tell whether it is ready",
                "set probes.ready.path (server.container.health) to a path that answers 200",
            )
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            return self._elsewhere(process)
        return None

    def _elsewhere(self, process: Process) -> Broken | None:
        """A server that is up on another port will not come to the one it was told."""
        found = listening(process)
        for port in () if self._port in found else sorted(found):
            if ask(port, self._path) is not None:
                return Broken(
                    self.program,
                    f"listens on port {port}, not on {self._port}, which PORT told it",
                    "have the server listen where the variable PORT says, or write $(PORT) in its command",
                )
        return None


def wait_ready(
    programs: Sequence[Program],
    supervisor: Supervisor,
    *,
    path: str,
    initial_delay: float,
    cancelled: threading.Event,
    seconds: float = READY_SECONDS,
) -> Broken | None:
    """Wait until all answer 200 on ``path``. The first that will not is returned, None when all are well."""
    watches = [Watch(program, path) for program in programs]
    deadline = time.monotonic() + initial_delay + seconds
    cancelled.wait(initial_delay)
    while watches:
        processes, waiting = supervisor.status(), []
        for watch in watches:
            process = processes.get(watch.program.name)
            if watch.ready(process):
                continue
            if broken := watch.broken(process):
                return broken
            if time.monotonic() > deadline or cancelled.is_set():
                return Broken(watch.program, f"was not ready within {seconds:g} s")
            waiting.append(watch)
        watches = waiting
        if watches:
            time.sleep(_POLL)
    return None


def ask(port: int, path: str, seconds: float = 5) -> int | None:
    """The status of a GET; None when nobody answers in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def listening(process: Process | None) -> set[int]:
    """TCP ports that a supervised process and its children listen on."""
    return {port for member in family(process) for port in _ports(member)}


def family(process: Process | None) -> Iterator[psutil.Process]:
    """A supervised process and all that it started."""
    if process and process.pid:
        try:
            leader = psutil.Process(process.pid)
            yield from [leader, *leader.children(recursive=True)]
        except psutil.Error:
            return


def _ports(process: psutil.Process) -> set[int]:
    try:
        sockets = process.net_connections("tcp")
    except psutil.Error:
        return set()
    return {found.laddr.port for found in sockets if found.status == psutil.CONN_LISTEN}
