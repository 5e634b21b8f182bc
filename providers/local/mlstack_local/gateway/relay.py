"""Carry a request to a worker of its deployment and the answer back, and keep account of it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from time import perf_counter

from mlstack_local.captures.recorder import Recorder, Settings
from mlstack_local.captures.rows import Row, sampled
from mlstack_local.gateway.config import BODY_LIMIT, Config
from mlstack_local.gateway.http import Answer, Request, refusal
from mlstack_local.gateway.mirror import Mirror
from mlstack_local.gateway.routing import Route, Router
from mlstack_local.gateway.tally import Tallies
from mlstack_local.gateway.totals import NONE
from mlstack_local.gateway.upstream import Upstream


class Relay:
    """``captures`` is the folder of the deployments' captures."""

    def __init__(self, config: Config, captures: Path) -> None:
        self.upstream = Upstream()
        self.traffic, self.mirrored = Tallies(), Tallies()
        self.recorder = Recorder()
        self.mirror = Mirror(
            self.upstream, lambda name: self.router.routes.get(name), self.mirrored, self._keep
        )
        self._captures = captures
        self._take_up(config, None)

    def follow(self, config: Config) -> None:
        """Do from now on what this config says."""
        self.upstream.forget(_workers(self.config) - _workers(config))
        self._take_up(config, self.router)
        self.upstream.changed()

    def _take_up(self, config: Config, before: Router | None) -> None:
        self.config = config
        # Which deployment a request goes to is chosen after its body was read.
        limits = [backend.body_limit for backend in config.deployments.values()]
        self.body_limit = max(limits, default=BODY_LIMIT)
        self.router = Router(config, before)
        self.recorder.follow(
            {
                name: Settings(self._captures / name, capture.rotate, capture.keep)
                for name, capture in config.captures.items()
            }
        )

    async def close(self) -> None:
        """Once nothing is in flight any more: waits for the disk."""
        await self.mirror.close()
        self.upstream.close()
        await asyncio.to_thread(self.recorder.close)

    def refuse(self, request: Request) -> Answer | None:
        """Of a request for a deployment that is not there."""
        named = _named(request)
        if not named or named in self.router.routes:
            return None
        known = ", ".join(sorted(self.router.routes)) or "none"
        return refusal(404, f"there is no deployment {named!r}; there is: {known}")

    async def answer(self, request: Request) -> Answer:
        """The deployment's answer, or the refusal of a request that gets to none."""
        # Not by its head: a slow body takes long enough for deployments to come and go.
        named = _named(request)
        route = self.router.routes.get(named) if named else self.router.choose()
        if route is None:
            if named:
                return self.refuse(request) or refusal(503, "this deployment is there no more")
            return refusal(503, "no deployment of this endpoint has traffic", (b"retry-after", b"5"))
        name = request.deployment = route.name

        def find() -> Route | None:
            """The route as it is now; one that went while its request waited has another."""
            found = self.router.routes.get(name)
            return found if found or named else self.router.choose()

        tally = self.traffic[name]
        arrived, started = time.time(), perf_counter()
        tally.in_flight += 1
        try:
            answer = await self.upstream.forward(
                find, request.method, request.target, request.headers, request.body, request.id
            )
        except BaseException:
            tally.in_flight -= 1
            raise
        if answer.deployment == NONE:  # none is left that could answer
            answer.deployment = name

        def given() -> None:
            tally.in_flight -= 1
            self.traffic[answer.deployment].answered(
                answer.status, perf_counter() - started, len(request.body), answer.size, answer.retries
            )
            if request.method == "POST":
                self._keep(arrived, request, answer)
                for shadow in () if named else self.router.copies():
                    self.mirror.offer(shadow, request)

        if answer.stream is None:
            given()
        else:
            answer.stream.on_close(given)
        return answer

    def _keep(self, arrived: float, request: Request, answer: Answer) -> None:
        """Capture what a worker answered, if its deployment does so and the request is in the sample."""
        capture = self.config.captures.get(answer.deployment)
        if capture is None or not answer.worker or not sampled(request.id, capture.sample):
            return
        self.recorder.offer(
            Row(
                arrived,
                request.id.decode("latin-1"),
                answer.deployment,
                answer.generation,
                request.target.partition(b"?")[0].decode("latin-1"),
                answer.status,
                answer.seconds,
                request.named.get(b"content-type", b"").decode("latin-1"),
                request.body,
                answer.begins,
            )
        )


def _named(request: Request) -> str:
    return request.named.get(b"x-mlstack-deployment", b"").decode("latin-1")


def _workers(config: Config) -> set[int]:
    return {port for backend in config.deployments.values() for port in backend.workers}
