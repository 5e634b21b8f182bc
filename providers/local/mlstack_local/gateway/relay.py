"""Carry a request to a worker of its deployment and the answer back, and keep account of it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from time import perf_counter

from mlstack_local.captures.recorder import Recorder, Settings
from mlstack_local.captures.rows import Row, sampled
from mlstack_local.gateway.config import BODY_LIMIT, Config
from mlstack_local.gateway.http import Answer, Headers, Receive, Scope, TooLarge, read_body, refusal
from mlstack_local.gateway.mirror import Copy, Mirror
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
            self.upstream, lambda name: self.router.routes.get(name), self.mirrored, self._mirrored
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
        self._body_limit = max(limits, default=BODY_LIMIT)
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

    async def answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, request_id: bytes
    ) -> Answer:
        """The deployment's answer, or the refusal of a request that gets to none. Raises Gone."""
        named = headers.get(b"x-mlstack-deployment", b"").decode("latin-1")
        if named and named not in self.router.routes:
            known = ", ".join(sorted(self.router.routes)) or "none"
            return refusal(404, f"there is no deployment {named!r}; there is: {known}")
        try:
            if int(headers.get(b"content-length", 0)) > self._body_limit:
                raise TooLarge
            body = await read_body(receive, self._body_limit)
        except TooLarge:
            error = f"the body is longer than the limit of {self._body_limit} bytes"
            return refusal(413, error, (b"connection", b"close"))
        # Only now, for a slow body takes long enough for deployments to come and go.
        route = self.router.routes.get(named) if named else self.router.choose()
        if route is None:
            return refusal(503, "no deployment of this endpoint has traffic", (b"retry-after", b"5"))
        name = route.name
        target: bytes = scope["raw_path"] or b"/"
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        listed: Headers = scope["headers"]

        def find() -> Route | None:
            """The route as it is now; one that went while its request was read or waited has another."""
            found = self.router.routes.get(name)
            return found if found or named else self.router.choose()

        method: str = scope["method"]
        tally = self.traffic[name]
        arrived, started = time.time(), perf_counter()
        tally.in_flight += 1
        try:
            answer = await self.upstream.forward(find, method, target, listed, body, request_id)
        finally:
            tally.in_flight -= 1
        answer.received = len(body)
        if answer.deployment == NONE:  # none is left that could answer
            answer.deployment = name
        self.traffic[answer.deployment].answered(
            answer.status, perf_counter() - started, len(body), len(answer.body)
        )
        if method == "POST":
            self._keep(arrived, request_id, target, headers.get(b"content-type", b""), body, answer)
            for shadow in () if named else self.router.copies():
                self.mirror.offer(shadow, Copy(method, target, listed, body, request_id))
        return answer

    def _mirrored(self, sent: float, copy: Copy, answer: Answer) -> None:
        content_type = dict(copy.headers).get(b"content-type", b"")
        self._keep(sent, copy.request_id, copy.target, content_type, copy.body, answer)

    def _keep(
        self,
        arrived: float,
        request_id: bytes,
        target: bytes,
        content_type: bytes,
        body: bytes,
        answer: Answer,
    ) -> None:
        """Capture what a worker answered, if its deployment does so and the request is in the sample."""
        capture = self.config.captures.get(answer.deployment)
        if capture is None or not answer.worker or not sampled(request_id, capture.sample):
            return
        self.recorder.offer(
            Row(
                arrived,
                request_id.decode("latin-1"),
                answer.deployment,
                answer.generation,
                target.partition(b"?")[0].decode("latin-1"),
                answer.status,
                answer.seconds,
                content_type.decode("latin-1"),
                body,
                answer.body,
            )
        )


def _workers(config: Config) -> set[int]:
    return {port for backend in config.deployments.values() for port in backend.workers}
