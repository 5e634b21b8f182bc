"""What uvicorn lacks: a time limit on the head of a request, and an end of connections that loses none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

#: A caller of a kept connection may be sending at the very moment that the server ends: it has so long.
LINGER_SECONDS = 1.0
_MOST_HEAD = 1 << 16
_REFUSAL = b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Server(uvicorn.Server):
    """uvicorn's server, which ends with no caller turned away that had reached it.

    Callers that the kernel has accepted and Python has not would be reset when the socket is closed, so they
    are taken in first. Until then connections are kept: a caller whose own ends opens another, just then.
    """

    is_ending = False

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.is_ending = True
        late = [caller for listener in sockets or [] for caller in _waiting(listener)]
        for server in self.servers:
            server.close()
        for caller in late:
            await asyncio.get_running_loop().connect_accepted_socket(self._connection, caller)
        await super().shutdown(sockets)

    def _connection(self) -> asyncio.Protocol:
        kind: Any = self.config.http_protocol_class
        connection: asyncio.Protocol = kind(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return connection


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    while True:
        try:
            yield listener.accept()[0]
        except OSError:  # none is left
            return


def protocol(seconds: float, is_ending: Callable[[], bool]) -> type[asyncio.Protocol]:
    """uvicorn's protocol, which ends a connection whose next request has no whole head after ``seconds``
    (408), or a head of more than 64 KiB (431). A body has a limit of its own, see `http.Request.body`.

    Once ``is_ending()``, when nobody can connect any more, each answer ends its connection and says so; one
    that nothing comes on is closed after LINGER_SECONDS.
    """
    base: Any = AutoHTTPProtocol

    class Connection(base):  # type: ignore[misc]
        _timer: asyncio.TimerHandle | None = None
        _head = 0

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._arm()
            if is_ending():  # it was on its way when the port was closed
                self.shutdown()

        def data_received(self, data: bytes) -> None:
            # the rest of a body whose request was answered before it was read is no head of another
            is_body = self.cycle is not None and self.cycle.more_body
            super().data_received(data)
            if is_body and not self._is_busy():
                return
            if self._is_busy():
                if self._timer is not None:  # a request is whole enough to be worked on
                    self._disarm()
                if is_ending():
                    self.cycle.keep_alive = False
                return
            self._head += len(data)
            if self._head > _MOST_HEAD:
                self._end(b"431 Request Header Fields Too Large")
            elif self._timer is None:
                self._arm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            super().connection_lost(exc)

        def shutdown(self) -> None:
            if self._is_busy():
                self.cycle.keep_alive = False
            else:
                self.loop.call_later(LINGER_SECONDS, self._leave)

        def _leave(self) -> None:
            if self._is_busy():
                return
            if self._head:  # of a request on its way: it has as long again
                self._head = 0
                self.loop.call_later(LINGER_SECONDS, self._leave)
            else:
                self.transport.close()

        def _is_busy(self) -> bool:
            return self.cycle is not None and not self.cycle.response_complete

        def _arm(self) -> None:
            self._timer = self.loop.call_later(seconds, self._end, b"408 Request Timeout")

        def _disarm(self) -> None:
            self._head = 0
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _end(self, status: bytes) -> None:
            if not self.transport.is_closing():
                if self._head:
                    self.transport.write(_REFUSAL % status)
                self.transport.close()

    return Connection
