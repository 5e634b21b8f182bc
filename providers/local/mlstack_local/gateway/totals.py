"""A gateway's figures as others read them: cumulative since it was started, subtracted for a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlstack_local.gateway import latency

#: The deployment of requests that were refused before one was chosen.
NONE = "none"


@dataclass(frozen=True)
class Row:
    """``requests`` have ended; ``errors`` of them with a status from 500, ``refused`` with 400 to 499.

    ``in_flight`` are those that wait or are worked on right now. ``latency``: how many fell into each
    bucket of `mlstack_local.gateway.latency`; of requests that got to a deployment only.
    """

    requests: int = 0
    errors: int = 0
    refused: int = 0
    in_flight: int = 0
    latency: Mapping[int, int] = field(default_factory=dict)

    def quantile(self, fraction: float) -> float | None:
        """Of the latencies, in seconds; None when there are none."""
        return latency.quantile(self.latency, fraction)

    def minus(self, earlier: Row) -> Row:
        """What came after ``earlier``; ``in_flight`` stays that of now."""
        counts = {index: count - earlier.latency.get(index, 0) for index, count in self.latency.items()}
        return Row(
            self.requests - earlier.requests,
            self.errors - earlier.errors,
            self.refused - earlier.refused,
            self.in_flight,
            {index: count for index, count in counts.items() if count},
        )

    @staticmethod
    def sum(rows: Iterable[Row]) -> Row:
        listed = list(rows)
        counts: dict[int, int] = {}
        for row in listed:
            for index, count in row.latency.items():
                counts[index] = counts.get(index, 0) + count
        return Row(
            sum(row.requests for row in listed),
            sum(row.errors for row in listed),
            sum(row.refused for row in listed),
            sum(row.in_flight for row in listed),
            counts,
        )


@dataclass(frozen=True)
class Totals:
    """From ``started`` to ``time``, both in epoch seconds.

    ``traffic``: what callers sent, by the deployment that it went to (`NONE`: refused before). ``mirrored``:
    copies, by the deployment that they went to; no caller waited for those.
    """

    started: float
    time: float
    traffic: Mapping[str, Row]
    mirrored: Mapping[str, Row]

    @property
    def seconds(self) -> float:
        return self.time - self.started

    def since(self, earlier: Totals | None) -> Totals:
        """The time after ``earlier``; since the start, where that was the reading of another process."""
        if earlier is None or earlier.started != self.started:
            return self
        return Totals(
            earlier.time,
            self.time,
            _minus(self.traffic, earlier.traffic),
            _minus(self.mirrored, earlier.mirrored),
        )

    @staticmethod
    def of(state: Mapping[str, Any]) -> Totals | None:
        """From a gateway's state; None when it is one of an older version, which has no figures."""
        if "traffic" not in state:
            return None
        return Totals(state["started"], state["time"], _rows(state["traffic"]), _rows(state["mirrored"]))


def _rows(document: Mapping[str, Any]) -> dict[str, Row]:
    return {
        name: Row(**{**row, "latency": {int(index): count for index, count in row["latency"].items()}})
        for name, row in document.items()
    }


def _minus(now: Mapping[str, Row], earlier: Mapping[str, Row]) -> dict[str, Row]:
    return {name: row.minus(earlier.get(name, Row())) for name, row in now.items()}
