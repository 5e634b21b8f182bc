"""What a reading is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

State = Literal["ok", "firing", "insufficient", "failed"]


class MeasureFailed(Exception):  # noqa: N818 - reads as what happened
    """A reading cannot be had; the message says why, and what to do."""


@dataclass(frozen=True)
class Plot:
    """A column's shares by bin, of the baseline and of the window."""

    column: str
    labels: list[str]
    baseline: list[float]
    window: list[float]


@dataclass(frozen=True)
class Measured:
    """``value`` is None where there were too few samples to measure anything. ``columns`` hold a name, a
    value, and what else the signal knows of each; ``keep`` is what the next reading is to know of this."""

    value: float | None
    samples: int
    columns: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    plots: list[Plot] = field(default_factory=list)
    since: float | None = None
    keep: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Reading:
    """One reading. Times are epoch seconds; ``since`` None: from the first there is.

    ``series`` is that of its definition; only values of one series are compared. Readings of an older version
    have none, and are compared by their signal and measure.

    ``firing`` is the state of the alert after it, which a reading that failed or had too little leaves as
    it was. ``event`` is what was told: firing, still-firing, resolved, failing; None for nothing.
    """

    monitor: str
    endpoint: str
    signal: str
    measure: str
    time: float
    since: float | None
    until: float
    state: State
    value: float | None
    threshold: float
    samples: int
    needed: int
    seconds: float
    columns: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str | None = None
    report: str | None = None
    firing: bool = False
    event: str | None = None
    due: float | None = None
    series: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As files, commands and webhooks have it: times in ISO 8601, UTC."""
        document = {
            "monitor": self.monitor,
            "endpoint": self.endpoint,
            "signal": self.signal,
            "metric": self.measure,
            "time": stamp(self.time),
            "window": {
                "since": None if self.since is None else stamp(self.since),
                "until": stamp(self.until),
            },
            "state": self.state,
            "value": self.value,
            "threshold": self.threshold,
            "samples": self.samples,
            "min_samples": self.needed,
            "columns": self.columns,
            "notes": self.notes,
            "error": self.error,
            "report": self.report,
            "alert": {"firing": self.firing, "event": self.event},
            "seconds": round(self.seconds, 3),
        }
        return document


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
