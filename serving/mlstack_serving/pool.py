"""Bounded threads for users' code, so that the event loop answers health checks meanwhile."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from mlstack_serving.errors import Overloaded


class Pool:
    """At most ``workers`` calls at a time, each of up to ``each`` requests, and ``queue`` requests waiting
    beside those that a free worker could take; the next one is refused.

    ``busy`` counts what was let in, ``running`` the threads inside a call: after a drain that ran out
    of time the first is zero and the second need not be.
    """

    def __init__(self, workers: int, queue: int, each: int = 1) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="predict")
        self._workers = workers
        self._queue = queue
        self._each = each
        self._mean_seconds = 0.0
        self._calls = 0
        self._called = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self.busy = 0
        self.running = 0
        self._lock = threading.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """One request's place among those that are let in; Overloaded where there is none."""
        free = (self._workers - self._calls) * self._each
        if self.busy - self._called >= free + self._queue:
            wait = max(1, math.ceil(self._mean_seconds * self.busy / self._workers / self._each))
            raise Overloaded(
                f"busy with {self.busy} requests; try again in {wait} s", None, {"retry-after": str(wait)}
            )
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A worker of one's own, in the order of asking."""
        if self._calls >= self._workers:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(turn)
            await turn  # who leaves hands the place over, so it is counted already
        else:
            self._calls += 1
        try:
            yield
        finally:
            while self._waiters and self._waiters[0].done():
                self._waiters.popleft()
            if self._waiters:
                self._waiters.popleft().set_result(None)
            else:
                self._calls -= 1

    async def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """The result of ``call(*args)`` for one request, in a thread, when it is its turn."""
        return (await self.timed(call, *args))[0]

    async def timed(self, call: Callable[..., Any], *args: Any) -> tuple[Any, float]:
        """The same, and the seconds that it took."""
        async with self.worker():
            return await self.execute(1, call, *args)

    async def execute(self, requests: int, call: Callable[..., Any], *args: Any) -> tuple[Any, float]:
        """The result of ``call(*args)`` for so many requests, by the caller's worker, and its seconds."""
        self._called += requests
        try:
            result, seconds = await asyncio.get_running_loop().run_in_executor(
                self._executor, guarded, call, args, self._count
            )
        finally:
            self._called -= requests
        self._mean_seconds += 0.1 * (seconds - self._mean_seconds)
        return result, seconds

    def close(self) -> None:
        self._executor.shutdown(wait=False)

    def _count(self, change: int) -> None:
        with self._lock:
            self.running += change


def guarded(
    call: Callable[..., Any], args: tuple[Any, ...] = (), count: Callable[[int], None] | None = None
) -> tuple[Any, float]:
    """What a call gives, and its seconds; sys.exit() in it becomes an error like any other."""
    started = time.perf_counter()
    if count is not None:
        count(1)
    try:
        return call(*args), time.perf_counter() - started
    except Exception:
        raise
    except BaseException as error:  # it must not end the server
        raise RuntimeError(f"the model's code raised {error!r}") from error
    finally:
        if count is not None:
            count(-1)
