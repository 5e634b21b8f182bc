"""A look at what an `up` waits for, beside the engine: what is in its way is told, and ends it when it lasts.

An engine waits for an object until its time is out, be it half an hour. What the target knows long before (an
image that is not there, a machine that no node has) is told at once, and stops the engine as one Ctrl-C does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from mlstack.engine.located import located
from mlstack.errors import TargetError
from mlstack.program import Run
from mlstack.runtime import Runtime, Site, Trouble

_EVERY = 2.0


class Watch:
    """``error`` is what the engine was stopped for."""

    def __init__(self, ran: Run, stop: Callable[[], None], say: Callable[[str], None]) -> None:
        self.error: TargetError | None = None
        self._ran, self._stop, self._say = ran, stop, say
        self._ended = Event()
        self._since: dict[str, float] = {}

    def run(self) -> None:
        runtime: Runtime | None = None
        while not self._ended.wait(_EVERY):
            runtime = runtime or self._runtime()
            if runtime is None:
                continue
            if not runtime.watches:
                return
            if self._lasts(_troubles(runtime)):
                self._stop()
                return

    def end(self) -> None:
        self._ended.set()

    def _runtime(self) -> Runtime | None:
        scope = self._ran.scope
        if scope is None:
            return None
        choices = {**self._ran.choices.held, **self._ran.choices.made}
        return scope.provider.runtime(Site(scope.stack_uid, scope.root, scope.settings, choices))

    def _lasts(self, found: list[Trouble]) -> bool:
        now = time.monotonic()
        for each in found:
            if each.where not in self._since:
                self._say(f"waiting for {self._place(each)}: {each.message}; {each.remedy}")
        self._since = {each.where: self._since.get(each.where, now) for each in found}
        for each in found:
            if now - self._since[each.where] >= each.patience:
                self.error = TargetError(
                    each.message,
                    code="does-not-come-up",
                    category=each.category,
                    where=self._place(each),
                    remedy=each.remedy,
                )
                return True
        return False

    def _place(self, trouble: Trouble) -> str:
        scope = self._ran.scope
        return located(trouble.where, scope.stack if scope else None) or trouble.where


def _troubles(runtime: Runtime) -> list[Trouble]:
    try:
        return list(runtime.troubles())
    except Exception:
        return []


@contextmanager
def watching(
    ran: Run, stop: Callable[[], None], say: Callable[[str], None], *, begin: bool
) -> Iterator[Watch]:
    """Watch within the block, if it is to ``begin``."""
    watch = Watch(ran, stop, say)
    thread = Thread(target=watch.run, name="watch", daemon=True)
    if begin:
        thread.start()
    try:
        yield watch
    finally:
        watch.end()
        if begin:
            thread.join()
