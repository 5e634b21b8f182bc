"""When somebody is told: a small state machine over readings.

    ok ──over──> firing        "firing"
    firing ──over──> firing    "still-firing", once `REPEAT` has passed since the last word of it
    firing ──ok──> ok          "resolved"
    `FAILURES` failed readings in a row: "failing", once; a reading that is well again begins the count anew

A reading that failed or had too few samples leaves the alert as it is: no news is no all-clear.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from mlstack_local.monitors.reading import State

Event = Literal["firing", "still-firing", "resolved", "failing"]

REPEAT = 24 * 3600.0
FAILURES = 3


@dataclass(frozen=True)
class Alert:
    """``since``: when it began to fire; ``told``: when it was last told; ``failures`` in a row."""

    firing: bool = False
    since: float | None = None
    told: float | None = None
    failures: int = 0


def advance(alert: Alert, state: State, now: float) -> tuple[Alert, Event | None]:
    """The alert after a reading of time ``now``, and what is to be told."""
    if state == "failed":
        failed = replace(alert, failures=alert.failures + 1)
        return failed, "failing" if failed.failures == FAILURES else None
    alert = replace(alert, failures=0)
    if state == "insufficient":
        return alert, None
    if state == "ok":
        return Alert(), "resolved" if alert.firing else None
    if not alert.firing:
        return Alert(True, now, now), "firing"
    # A clock that was set back must not silence it for longer.
    if alert.told is None or not alert.told <= now < alert.told + REPEAT:
        return replace(alert, told=now), "still-firing"
    return alert, None
