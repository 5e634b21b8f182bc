"""The body of an answer that is passed on as it comes: tokens of a language model, or a large file."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

#: Bytes that may wait for a caller who does not take them.
HELD_BYTES = 256 << 10
#: Of the beginning, which captures may want; one byte more than they keep of a body.
KEPT_BYTES = (1 << 20) + 1


class Body:
    """``length`` in bytes, None where only the end tells; ``size`` is what has been read.

    Whoever gets one closes it, at its end or before: the worker counts as busy until then.
    """

    def __init__(
        self, transport: Any, abandon: Callable[[], None], seconds: float, length: int | None
    ) -> None:
        self.length = length
        self.size = 0
        self.kept = bytearray()
        self.ended = False
        self._error: Exception | None = None
        self._transport = transport
        self._abandon = abandon
        self._seconds = seconds
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._paused = False
        self._news: asyncio.Future[None] | None = None
        self._callbacks: list[Callable[[], None]] = []

    def on_close(self, callback: Callable[[], None]) -> None:
        """Called once, in the order in which they were given."""
        self._callbacks.append(callback)

    async def read(self) -> bytes:
        """What has come since the last time; b"" at the end.

        Raises `connection.Broken`, and TimeoutError when nothing has come for so many seconds.
        """
        if not self._pieces and not self.ended:
            self._news = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(self._seconds):
                await self._news
        if not self._pieces:
            if self._error is not None:
                raise self._error
            return b""
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        if self._paused and not self.ended:
            self._transport.resume_reading()
        self._paused = False
        self.size += len(data)
        self.kept += data[: KEPT_BYTES - len(self.kept)]
        return data

    async def skip(self) -> None:
        """Read to the end, and close. Raises as `read` does."""
        try:
            while await self.read():
                pass
        finally:
            self.close()

    def close(self) -> None:
        """Its connection is of no more use where it has not ended."""
        if not self.ended:
            self._abandon()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    # Called by the connection.

    def feed(self, data: bytes) -> None:
        self._pieces.append(data)
        self._held += len(data)
        if self._held > HELD_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._tell()

    def end(self, error: Exception | None = None) -> None:
        if not self.ended:
            self.ended, self._error = True, error
            self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
