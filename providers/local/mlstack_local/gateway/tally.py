"""What was done for a deployment since the gateway was started.

Written by the event loop alone, so it needs no lock, and a request costs a microsecond here; whoever asks
(`admin.totals`, ``/metrics``) pays for the sums.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from mlstack_local.gateway import latency

#: Upper ends, in seconds and in bytes.
DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SIZES = (1 << 8, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26)


class Histogram:
    """``counts`` has one cell more than there are bounds, for what is above the last."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


class Tally:
    """``in_flight`` are those that wait or are worked on; everything else is of requests that have ended."""

    __slots__ = ("in_flight", "latency", "received", "retries", "seconds", "sent", "statuses")

    def __init__(self) -> None:
        self.in_flight = 0
        self.retries = 0
        self.statuses: dict[int, int] = {}
        self.latency: dict[int, int] = {}
        self.seconds = Histogram(DURATIONS)
        self.received = Histogram(SIZES)
        self.sent = Histogram(SIZES)

    def count(self, status: int) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def answered(self, status: int, seconds: float, received: int, sent: int, retries: int = 0) -> None:
        """Bodies of so many bytes; ``seconds`` from the request's last byte to the whole answer."""
        self.count(status)
        self.retries += retries
        index = latency.bucket(seconds)
        self.latency[index] = self.latency.get(index, 0) + 1
        self.seconds.observe(seconds)
        self.received.observe(received)
        self.sent.observe(sent)

    def row(self) -> dict[str, Any]:
        """As `mlstack_local.gateway.totals.Row` reads it."""
        return {
            "requests": sum(self.statuses.values()),
            "errors": sum(count for status, count in self.statuses.items() if status >= 500),
            "refused": sum(count for status, count in self.statuses.items() if 400 <= status < 500),
            "in_flight": self.in_flight,
            "latency": self.latency,
        }


class Tallies(dict[str, Tally]):
    """By deployment; one is there from its first request on."""

    def __missing__(self, deployment: str) -> Tally:
        made = self[deployment] = Tally()
        return made

    def rows(self) -> dict[str, Any]:
        return {name: tally.row() for name, tally in self.items()}
