"""Ports on loopback: below the range that systems hand out by themselves, so that nobody comes between."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Collection, Mapping

import psutil

from mlstack.resource import ResourceFailed
from mlstack_local.supervisor import Program

FIRST, LAST = 20000, 32000


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free(seed: str, taken: Collection[int] = ()) -> int:
    """A free port, the same for the same seed as long as it can be had."""
    span = LAST - FIRST
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") % span
    for step in range(span):
        port = FIRST + (start + step) % span
        if port not in taken and is_free(port):
            return port
    raise ResourceFailed(
        f"every port from {FIRST} to {LAST} is taken",
        remedy="end what holds them, or set settings.local.port",
    )


def taken(declared: Mapping[str, Program], besides: str = "") -> set[int]:
    """Ports of a stack's own programs, whether they are up or not."""
    return {
        program.meta["port"]
        for name, program in declared.items()
        if name != besides and "port" in program.meta
    }


def holder(port: int) -> str:
    """Who listens on a port, for a message."""
    try:
        for connection in psutil.net_connections("tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        pass
    return "a process that cannot be seen from here"
