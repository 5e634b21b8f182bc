"""Talk to a supervisord over its Unix socket."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from supervisor.states import SupervisorStates  # type: ignore[import-untyped]
from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("localhost", timeout=seconds)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _Transport(SupervisorTransport):  # type: ignore[misc]
    """supervisor's own, with a time limit: a stopped supervisord must not hang us."""

    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__(serverurl=f"unix://{path}")
        self._get_connection = lambda: _Connection(path, seconds)


#: What a call to a supervisord that is not there, is dying, or does not answer may raise.
UNREACHABLE = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)
#: One that is there is waited for so long: on a machine that is busy it may not get to answer for seconds,
#: and whoever takes it for dead ends all that it keeps.
PATIENCE = 30.0


def connect(path: Path, seconds: float = 60.0) -> Any:
    """The namespace ``supervisor`` of the XML-RPC interface. Stopping a program may take 35 seconds."""
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=_Transport(path, seconds)).supervisor


def running(path: Path) -> bool:
    try:
        return bool(connect(path, PATIENCE).getState()["statecode"] == SupervisorStates.RUNNING)
    except (*UNREACHABLE, xmlrpc.client.Fault):
        return False


@contextmanager
def unless(fault: int) -> Iterator[None]:
    """A call that this fault of supervisord's makes needless: the program came to be so by itself."""
    try:
        yield
    except xmlrpc.client.Fault as error:
        if error.faultCode != fault:
            raise
