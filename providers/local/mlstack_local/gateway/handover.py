"""A gateway passes its listening socket to the one that takes its place, so no caller finds the port closed.

The socket itself is passed, over a Unix socket that only its owner may use: callers that wait to be accepted
wait for either process. Two sockets on one port (SO_REUSEPORT) would lose those that wait for the first when
it closes.

The successor takes the socket, starts to serve, and says so; only then does the predecessor stop to accept.
The channel between them is open as long as the successor serves: when it dies, the predecessor accepts again.
So one of the two does, whichever of them is killed when.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import platformdirs
import psutil

from mlstack_local.gateway import admin
from mlstack_local.gateway.config import Config

_SERVING = b"1"
_SECONDS = 10.0


def take(config: Config) -> tuple[socket.socket, socket.socket] | None:
    """The listening socket of the gateway that is there, and the way to tell it that one serves now."""
    found = admin.state(config)
    if not found or "handover" not in found:
        return None
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.settimeout(_SECONDS)
    try:
        channel.connect(found["handover"])
        _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    except OSError:
        descriptors = []
    if not descriptors:
        channel.close()
        return None
    return socket.socket(fileno=descriptors[0]), channel


def serving(channel: socket.socket) -> None:
    """Tell the predecessor; it accepts again once the channel is closed."""
    with contextlib.suppress(OSError):  # it has ended by itself
        channel.sendall(_SERVING)


class Offer:
    """``accept`` is called with whether this gateway should accept callers: not while a successor serves."""

    def __init__(self, folder: Path, listener: socket.socket, accept: Callable[[bool], None]) -> None:
        self._listener = listener
        self._accept = accept
        # Not in the endpoint's folder, whose path may be longer than a socket's may be.
        runtime = Path(platformdirs.user_runtime_dir("mlstack", ensure_exists=True))
        self._mine = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        self.path = runtime / f"{self._mine}.{os.getpid()}.gateway"
        self._server: asyncio.Server | None = None
        self._successors = 0

    async def start(self) -> None:
        for left in self.path.parent.glob(f"{self._mine}.*.gateway"):
            if not psutil.pid_exists(int(left.name.split(".")[1])):
                left.unlink(missing_ok=True)  # of one that was killed
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        channel = writer.get_extra_info("socket")
        descriptors = array.array("i", [self._listener.fileno()])
        with contextlib.suppress(OSError, TimeoutError):
            # asyncio's transport hides sendmsg; the same socket under another number has it.
            with socket.socket(fileno=os.dup(channel.fileno())) as plain:
                plain.sendmsg([b"0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
            async with asyncio.timeout(_SECONDS):
                serves = await reader.read(1) == _SERVING
            if serves:
                await self._stand_by(reader)
        writer.close()

    async def _stand_by(self, reader: asyncio.StreamReader) -> None:
        self._successors += 1
        self._accept(False)
        try:
            await reader.read(1)  # nothing comes: it ends with the successor
        finally:
            self._successors -= 1
            if not self._successors:
                self._accept(True)
