"""The life of a gateway's process: listen, serve, and at SIGTERM end without losing a request."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from mlstack_local.gateway import handover
from mlstack_local.gateway.app import Gateway
from mlstack_local.gateway.front import Front

_BACKLOG = 2048
_LOOK_SECONDS = 1.0
#: A caller of a kept connection may be sending at the very moment: it has so long to do so.
LINGER_SECONDS = 1.0
#: What is in flight has so long after SIGTERM; supervisord kills after 35 s, and captures take time to end.
DRAIN_SECONDS = 30.0


async def serve(folder: Path, port: int) -> None:
    gateway = Gateway(folder)
    inherited = handover.take(gateway.config)
    listener = inherited[0] if inherited else _listen(port)
    connections: set[Front] = set()
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    door = _Door(listener, lambda: Front(gateway, connections), ending)
    offer = handover.Offer(folder, listener, door.accept)
    await offer.start()
    gateway.start(offer.path)
    door.accept(True)
    if inherited:
        handover.serving(inherited[1])
    look = asyncio.create_task(_look(connections))
    await ending.wait()
    door.accept(False)
    listener.close()
    if inherited:
        inherited[1].close()  # should the predecessor still be there, it accepts again
    await offer.close()
    await _drain(connections)
    look.cancel()
    await gateway.close()


class _Door:
    """Accepts callers, or leaves them to another process that has the same socket."""

    def __init__(self, listener: socket.socket, front: Callable[[], Front], ending: asyncio.Event) -> None:
        self._listener = listener
        self._front = front
        self._ending = ending
        self._wanted = False
        self._changing: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None

    def accept(self, wanted: bool) -> None:
        self._wanted = wanted
        if not wanted and self._server is not None:
            self._server.close()
            self._server = None
        elif wanted and self._server is None and not self._ending.is_set():
            self._changing = asyncio.create_task(self._open())

    async def _open(self) -> None:
        # A copy: the server closes its own.
        copy = self._listener.dup()
        server = await asyncio.get_running_loop().create_server(self._front, sock=copy, backlog=_BACKLOG)
        if self._wanted and self._server is None:
            self._server = server
        else:
            server.close()


def _listen(port: int) -> socket.socket:
    # asyncio turns off Nagle's algorithm only where the protocol is named; without that, 40 ms a request.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(_BACKLOG)
    return listener


async def _look(connections: set[Front]) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        now = perf_counter()
        for connection in list(connections):
            connection.look(now)


async def _drain(connections: set[Front]) -> None:
    """Let every request that is here, or on its way, be answered, and then its connection go."""
    for connection in list(connections):
        connection.drain()
    started = perf_counter()
    while connections and (quiet := perf_counter() - started) < DRAIN_SECONDS:
        for connection in list(connections):
            if quiet > LINGER_SECONDS and not connection.busy:
                connection.close()
        await asyncio.sleep(0.05)
    for connection in list(connections):
        connection.close()
