"""A time limit on the head of a request: a caller who sends a byte a second keeps nothing open."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_MOST_HEAD = 1 << 16
_REFUSAL = b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def timed(seconds: float) -> type[asyncio.Protocol]:
    """uvicorn's protocol, which ends a connection whose next request has no whole head after ``seconds``
    (408), or a head of more than 64 KiB (431). A body has a limit of its own, see `http.Request.body`."""
    base: Any = AutoHTTPProtocol

    class Timed(base):  # type: ignore[misc]
        _timer: asyncio.TimerHandle | None = None
        _head = 0

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self._arm()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                if self._timer is not None:  # a request is whole enough to be worked on
                    self._disarm()
                return
            self._head += len(data)
            if self._head > _MOST_HEAD:
                self._end(b"431 Request Header Fields Too Large")
            elif self._timer is None:
                self._arm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            super().connection_lost(exc)

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

    return Timed
