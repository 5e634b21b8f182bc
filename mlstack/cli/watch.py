"""What a stack looks like now, again and again: how its resources fare, and the figures of its endpoints."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlstack.cli.project import Opened
from mlstack.engine.project import backend_url, file_backend, state_file

if TYPE_CHECKING:
    from mlstack.runtime import Figures, Record, Status

#: Readings that a trend is drawn from.
TREND = 24
#: How long the state of a backend that is no folder is taken for the present one.
_STATE_SECONDS = 30.0


@dataclass
class Trend:
    """The last rates (per second) and 95th percentiles (seconds) of a deployment, the newest last."""

    rates: deque[float] = field(default_factory=lambda: deque(maxlen=TREND))
    p95s: deque[float | None] = field(default_factory=lambda: deque(maxlen=TREND))


@dataclass(frozen=True)
class Frame:
    """One look at the stack. ``trends`` are by endpoint and deployment."""

    time: float
    rows: list[Status]
    figures: list[Figures]
    trends: dict[tuple[str, str], Trend]


class Watch:
    """Looks at a stack. ``look`` makes the rows of status from its records, ``resources`` reads its state."""

    def __init__(
        self,
        opened: Opened,
        resources: Callable[[], list[Record]],
        look: Callable[[list[Record]], list[Status]],
    ) -> None:
        self._opened = opened
        self._resources = resources
        self._look = look
        self._trends: dict[tuple[str, str], Trend] = {}
        self._records: list[Record] = []
        self._stamp: float | None = None
        self._read_at = 0.0

    def frames(self) -> Iterator[Frame]:
        """A look each time one is asked for."""
        figures: Iterator[list[Figures]] = iter(())
        while True:
            if self._changed():
                self._records = self._resources()
                figures = self._opened.runtime.metrics(self._records) if self._records else iter(())
                next(figures, [])  # of all the time before: no news
            found = next(figures, [])
            for each in found:
                trend = self._trends.setdefault((each.endpoint, each.deployment), Trend())
                trend.rates.append(each.rate)
                trend.p95s.append(each.p95)
            yield Frame(time.time(), self._look(self._records), found, self._trends)

    def _changed(self) -> bool:
        """Whether the state is another than the one that was read. The engine takes long to tell it."""
        project = self._opened.project
        folder = file_backend(backend_url(project))
        if folder is None:
            stamp, old = 0.0, time.monotonic() - self._read_at > _STATE_SECONDS
        else:
            file = state_file(folder, project)
            stamp, old = (file.stat().st_mtime if file.is_file() else -1.0), False
        if stamp == self._stamp and not old:
            return False
        self._stamp, self._read_at = stamp, time.monotonic()
        return True


def every(seconds: float, frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames, one at each beat; the first comes a beat late, so that it has something to tell."""
    next(frames)
    due = time.monotonic() + seconds
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due + seconds, time.monotonic())
        yield next(frames)
