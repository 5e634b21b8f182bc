"""What the gateway answers: its own pages, refusals, and what deployments say."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from mlstack_serving import docs

from mlstack_local.gateway import config as configs
from mlstack_local.gateway.access import AccessLog
from mlstack_local.gateway.http import Answer, Request, document, refusal
from mlstack_local.gateway.metrics import CONTENT_TYPE, Metrics
from mlstack_local.gateway.relay import Relay
from mlstack_local.gateway.routing import Route
from mlstack_local.gateway.totals import NONE
from mlstack_local.layout import captures_of

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_ADMIN_HEADER = configs.ADMIN_HEADER.encode()


class Gateway:
    """Follows the ``gateway.json`` of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = time.time()
        #: The key once it was given: comparing takes less time than hashing.
        self._known = b""
        self._stamp = _stamp(folder)
        config = configs.read(folder)
        if config is None:
            raise FileNotFoundError(folder / configs.NAME)
        self._relay = Relay(config, captures_of(folder))
        self._access = AccessLog(folder)
        self._metrics = Metrics(config.endpoint, self._relay, self._access)

    @property
    def config(self) -> configs.Config:
        return self._relay.config

    @property
    def body_limit(self) -> int:
        return self._relay.body_limit

    def refuse(self, request: Request) -> Answer | None:
        """Of a request that has not the key, or is for a deployment that is not there."""
        if request.path in _OPEN or (request.path == configs.ADMIN_PATH and self._is_admin(request)):
            return None
        if not self._has_key(request):
            given = _bearer(request)
            if request.path == "/docs" and request.method == "GET" and not given:
                return _docs()
            return refusal(
                401,
                f"{'that is not the key of this endpoint: it' if given else 'this endpoint'} needs its key, "
                "as the header 'Authorization: Bearer KEY'",
                (b"www-authenticate", b'Bearer realm="mlstack"'),
            )
        return self._relay.refuse(request)

    async def answer(self, request: Request) -> Answer:
        page = _PAGES.get(request.path)
        if page is None or (request.path == configs.ADMIN_PATH and not self._is_admin(request)):
            return await self._relay.answer(request)
        answer: Answer = await page(self)
        answer.own = True
        return answer

    def ended(self, request: Request, answer: Answer) -> None:
        """Keep account of what `Relay` does not."""
        if answer.own:
            return
        if answer.deployment == NONE or (answer.status == 499 and answer.stream is None):
            self._relay.traffic[answer.deployment].count(answer.status)
        self._access.add(request, answer)

    async def _live(self) -> Answer:
        return document(200, {"live": True})

    async def _figures(self) -> Answer:
        routes = self._relay.router.routes.values()
        ready = await asyncio.gather(*(self._ready_workers(route) for route in routes))
        text = self._metrics.text({route.name: count for route, count in zip(routes, ready, strict=True)})
        return Answer(200, [(b"content-type", CONTENT_TYPE.encode())], text)

    async def _ready_workers(self, route: Route) -> int:
        asked = (self._relay.upstream.ready(port, route.health) for port in route.workers)
        return sum(await asyncio.gather(*asked))

    async def _admin(self) -> Answer:
        self._reload()
        return document(200, self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "number": self._relay.config.number,
            "pid": os.getpid(),
            "handover": str(self._handover),
            "busy": dict(self._relay.upstream.busy),
            "started": self._started,
            "time": time.time(),
            "traffic": self._relay.traffic.rows(),
            "mirrored": self._relay.mirrored.rows(),
        }

    async def _ready(self) -> Answer:
        """Ready when each deployment with traffic has a ready worker."""
        for route in self._relay.router.weighted:
            if route.scaled and not route.workers:
                continue  # asleep: a request wakes it
            if not any([await self._relay.upstream.ready(port, route.health) for port in route.workers]):
                error = f"deployment {route.name!r} has no ready worker"
                return document(503, {"ready": False, "error": error})
        if not self._relay.router.weighted:
            return document(503, {"ready": False, "error": "no deployment has traffic"})
        return document(200, {"ready": True})

    def _is_admin(self, request: Request) -> bool:
        return self._is(request.named.get(_ADMIN_HEADER, b""), self._relay.config.admin)

    def _has_key(self, request: Request) -> bool:
        given = _bearer(request)
        if given and self._known and hmac.compare_digest(given, self._known):
            return True
        digest = hashlib.sha256(given).hexdigest().encode()
        if not given or not self._is(digest, self._relay.config.key_sha256):
            return False
        self._known = given
        return True

    @staticmethod
    def _is(given: bytes, wanted: str) -> bool:
        return hmac.compare_digest(given, wanted.encode())

    def _reload(self) -> None:
        """Take up the config when its file is another one than before."""
        stamp = _stamp(self._folder)
        if stamp == self._stamp:
            return
        config = configs.read(self._folder)
        if config is None:
            return
        self._relay.follow(config)
        self._stamp = stamp
        self._known = b""

    async def _watch(self) -> None:
        # Verbs ask for the reload themselves; this is for one that was killed before it could.
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                self._reload()
            except (OSError, ValueError, TypeError, KeyError):
                log.exception("the config cannot be read; what was read before goes on")

    def start(self, handover: Path) -> None:
        """``handover``: where a successor asks for the listening socket."""
        self._handover = handover
        self._tasks = [asyncio.create_task(work) for work in (self._watch(), self._access.run())]

    async def close(self) -> None:
        """Once nothing is in flight any more; what is not on the disk yet is then."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._relay.close()
        await self._access.flush()


_OPEN = frozenset({"/v2/health/live", "/v2/health/ready"})
_PAGES: Mapping[str, Callable[[Gateway], Awaitable[Answer]]] = {
    "/v2/health/live": Gateway._live,
    "/v2/health/ready": Gateway._ready,
    "/metrics": Gateway._figures,
    configs.ADMIN_PATH: Gateway._admin,
}


def _docs() -> Answer:
    """The workers' own page, to a browser, which cannot send the key: it asks for it."""
    headers = [
        (b"content-type", docs.CONTENT_TYPE.encode()),
        (b"content-security-policy", docs.POLICY.encode()),
    ]
    return Answer(200, headers, docs.page(), own=True)


def _bearer(request: Request) -> bytes:
    scheme, _, key = request.named.get(b"authorization", b"").partition(b" ")
    return key.strip() if scheme.lower() == b"bearer" else b""


def _stamp(folder: Path) -> tuple[int, int] | None:
    """What tells one version of the config's file from another; None when there is none."""
    try:
        stat = (folder / configs.NAME).stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_ino
