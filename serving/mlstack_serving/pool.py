"""Bounded threads for users' code, so that the event loop answers health checks meanwhile."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from mlstack_serving.errors import Overloaded


class Pool:
    """At most ``workers`` calls at a time, of ``each`` requests, and ``queue`` requests waiting; the next one
    is refused.

    ``busy`` counts what was let in, ``running`` the threads inside a call: after a drain that ran out
    of time the first is zero and the second need not be.
    """

    def __init__(self, workers: int, queue: int, each: int = 1) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="predict")
        self._at_once = workers * each
        self._limit = self._at_once + queue
        self._mean_seconds = 0.0
        self.busy = 0
        self.running = 0
        self._lock = threading.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """One request's place among those that are let in; Overloaded where there is none."""
        if self.busy >= self._limit:
            wait = max(1, math.ceil(self._mean_seconds * self.busy / self._at_once))
            raise Overloaded(
                f"busy with {self.busy} requests; try again in {wait} s", None, {"retry-after": str(wait)}
            )
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1

    async def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """The result of ``call(*args)``, in a thread."""
        result, seconds = await asyncio.get_running_loop().run_in_executor(
            self._executor, self._timed, call, args
        )
        self._mean_seconds += 0.1 * (seconds - self._mean_seconds)
        return result

    def close(self) -> None:
        self._executor.shutdown(wait=False)

    def _timed(self, call: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, float]:
        started = time.perf_counter()
        with self._lock:
            self.running += 1
        try:
            return call(*args), time.perf_counter() - started
        except Exception:
            raise
        except BaseException as error:  # sys.exit() in a user's code must not end the server
            raise RuntimeError(f"the model's code raised {error!r}") from error
        finally:
            with self._lock:
                self.running -= 1
