"""Copies of requests for deployments that are tried out: nobody waits for them or sees their answers.

What such a deployment cannot follow is dropped and counted, so it slows no caller, and holds no more memory
than is said here.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from time import perf_counter

from mlstack_local.gateway.connection import Broken
from mlstack_local.gateway.http import Answer, Request
from mlstack_local.gateway.routing import Route
from mlstack_local.gateway.tally import Tallies
from mlstack_local.gateway.totals import NONE
from mlstack_local.gateway.upstream import Upstream

#: Copies that a deployment works on at a time, and that may wait for it.
AT_A_TIME, WAITING, WAITING_BYTES = 8, 256, 32 << 20


#: Told of each answer: when the copy was sent (epoch seconds), of which request.
Answered = Callable[[float, Request, Answer], None]


class Mirror:
    """``find`` gives a deployment's route as it is now. ``dropped`` copies are counted by deployment."""

    def __init__(
        self,
        upstream: Upstream,
        find: Callable[[str], Route | None],
        tallies: Tallies,
        answered: Answered,
    ) -> None:
        self.dropped: Counter[str] = Counter()
        self._upstream = upstream
        self._find = find
        self._tallies = tallies
        self._answered = answered
        self._waiting: dict[str, deque[Request]] = {}
        self._bytes: Counter[str] = Counter()
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}

    def offer(self, deployment: str, copy: Request) -> None:
        """Never waits."""
        waiting = self._waiting.setdefault(deployment, deque())
        tasks = self._tasks.setdefault(deployment, set())
        if len(waiting) >= WAITING or self._bytes[deployment] + len(copy.body) > WAITING_BYTES:
            self.dropped[deployment] += 1
            return
        waiting.append(copy)
        self._bytes[deployment] += len(copy.body)
        self._tallies[deployment].in_flight += 1
        if len(tasks) < AT_A_TIME:
            task = asyncio.get_running_loop().create_task(self._work(deployment))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    async def close(self) -> None:
        """What waits is not sent any more."""
        for waiting in self._waiting.values():
            waiting.clear()
        tasks = [task for tasks in self._tasks.values() for task in tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, deployment: str) -> None:
        waiting, tally = self._waiting[deployment], self._tallies[deployment]
        while waiting:
            copy = waiting.popleft()
            sent, started = time.time(), perf_counter()
            try:
                answer = await self._upstream.forward(
                    lambda: self._find(deployment),
                    copy.method,
                    copy.target,
                    copy.headers,
                    copy.body,
                    copy.id,
                )
                await _take_all(answer)
            finally:
                self._bytes[deployment] -= len(copy.body)
                tally.in_flight -= 1
            if answer.deployment != NONE:  # else it has gone meanwhile
                tally.answered(answer.status, perf_counter() - started, len(copy.body), answer.size)
                self._answered(sent, copy, answer)


async def _take_all(answer: Answer) -> None:
    if answer.stream is not None:
        try:
            await answer.stream.skip()
        except (Broken, TimeoutError):
            answer.status = 502
