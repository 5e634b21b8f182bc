"""How many workers are needed: the formula of Kubernetes' HorizontalPodAutoscaler.

``ceil(load / target)``, where the load is that of all workers together; nothing changes within a tenth of
the target. More come at once; fewer only when no moment of the last ``idle_seconds`` needed more.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from mlstack_local.deployments.inputs import Scaling

_TOLERANCE = 0.1
#: Seconds over which a load is averaged: a burst shorter than a start of a worker is no reason for one.
_WINDOW = {"concurrency": 2.0, "rps": 5.0, "cpu": 10.0}


@dataclass(frozen=True)
class Sample:
    """At ``time`` (monotonic, seconds): requests in flight, those that have come so far, and the seconds
    of processors that the workers have used so far."""

    time: float
    in_flight: int
    arrived: int
    cpu_seconds: float = 0.0


class Demand:
    def __init__(self, scaling: Scaling, least: int, present: int, now: float) -> None:
        self._scaling = scaling
        self._least = least
        self._samples: deque[Sample] = deque()
        #: What was needed in the last idle time, largest first: only those count that no later one exceeds.
        self._needed: deque[tuple[float, int]] = deque([(now, present)])
        self.load = 0.0

    def observe(self, sample: Sample) -> None:
        if self._samples and sample.arrived < self._samples[-1].arrived:
            self._samples.clear()  # the gateway was started anew
        self._samples.append(sample)
        window = _WINDOW[self._scaling.metric]
        while len(self._samples) > 2 and self._samples[1].time <= sample.time - window:
            self._samples.popleft()

    def desired(self, present: int) -> int:
        """How many workers there should be, given that there are ``present``."""
        if not self._samples:
            return present
        now, needed = self._samples[-1].time, self._now(present)
        while self._needed and self._needed[-1][1] <= needed:
            self._needed.pop()
        self._needed.append((now, needed))
        while len(self._needed) > 1 and self._needed[0][0] <= now - self._scaling.idle_seconds:
            self._needed.popleft()
        return needed if needed >= present else min(present, self._needed[0][1])

    def _now(self, present: int) -> int:
        self.load = self._load()
        needed = math.ceil(self.load / self._scaling.target - 1e-9)
        if present and abs(self.load / (present * self._scaling.target) - 1) <= _TOLERANCE:
            needed = present
        if self._is_asked():
            needed = max(needed, 1)
        return min(max(needed, self._least), self._scaling.max)

    def _load(self) -> float:
        first, last = self._samples[0], self._samples[-1]
        if self._scaling.metric == "concurrency":
            return sum(sample.in_flight for sample in self._samples) / len(self._samples)
        seconds = last.time - first.time
        if not seconds:
            return 0.0
        if self._scaling.metric == "rps":
            return (last.arrived - first.arrived) / seconds
        return (last.cpu_seconds - first.cpu_seconds) / seconds * 100 / self._scaling.cpus

    def _is_asked(self) -> bool:
        first, last = self._samples[0], self._samples[-1]
        return last.in_flight > 0 or last.arrived > first.arrived
