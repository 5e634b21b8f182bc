"""Requests at a constant rate, whatever becomes of those before (an open loop)."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from types import TracebackType
from typing import Self

_PATIENCE = 90.0


class Steady:
    """``rate`` requests a second in the background, from `__enter__` to `__exit__`.

    Each has a connection of its own. ``answers`` counts (status, deployment); a caller that got no answer
    at all counts as status 0.
    """

    def __init__(self, port: int, key: str, body: bytes, rate: float) -> None:
        head = f"POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\nconnection: close\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self._request = head.encode() + body
        self._port, self._rate = port, rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.answers: Counter[tuple[int, str]] = Counter()
        self.bodies: Counter[bytes] = Counter()
        self.in_flight = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def failed(self) -> dict[tuple[int, str], int]:
        return {answer: count for answer, count in self.answers.items() if answer[0] != 200}

    @property
    def sent(self) -> int:
        return sum(self.answers.values())

    def of(self, deployment: str) -> int:
        return self.answers[200, deployment]

    def wait(self, requests: int) -> None:
        """Until so many more have been answered."""
        aim = self.sent + requests
        while self.sent < aim and self._thread.is_alive():
            self._stop.wait(0.05)

    async def _run(self) -> None:
        loop, asked = asyncio.get_running_loop(), set()
        due = loop.time()
        while not self._stop.is_set():
            task = asyncio.create_task(self._ask())
            asked.add(task)
            task.add_done_callback(asked.discard)
            due += 1 / self._rate
            await asyncio.sleep(due - loop.time())
        await asyncio.gather(*asked)

    async def _ask(self) -> None:
        answer, body = (0, ""), b""
        self.in_flight += 1
        try:
            async with asyncio.timeout(_PATIENCE):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(self._request)
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
                writer.close()
            lines = head.decode().split("\r\n")
            names = [line.partition(": ")[2] for line in lines if line.startswith("x-mlstack-deployment: ")]
            answer = int(lines[0].split()[1]), names[0]
        except (OSError, IndexError, ValueError):
            pass
        self.in_flight -= 1
        self.answers[answer] += 1
        self.bodies[body] += 1
