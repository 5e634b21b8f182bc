"""When somebody is told: a small state machine over readings.

    ok ──over──> firing        "firing"
    firing ──over──> firing    "still-firing", once `REPEAT` has passed since the last word of it
    firing ──ok──> ok          "resolved"
    `FAILURES` failed readings in a row: "failing", once; a reading that is well again begins the count anew

A changed definition begins a new series of readings: over its threshold it is told as "firing", whatever was
told of the old one, and its failures are counted anew. What still fires from before ends with the first "ok".

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
    """``since``: when it began to fire; ``told``: when it was last told; ``failures`` in a row.

    ``fired`` and ``failed``: the series of which it fires, and of which it failed; None: not known.
    """

    firing: bool = False
    since: float | None = None
    told: float | None = None
    failures: int = 0
    fired: str | None = None
    failed: str | None = None


def advance(alert: Alert, state: State, now: float, series: str | None = None) -> tuple[Alert, Event | None]:
    """The alert after a reading of time ``now``, and what is to be told."""
    if state == "failed":
        before = alert.failures if alert.failed in (None, series) else 0
        failed = replace(alert, failures=before + 1, failed=series)
        return failed, "failing" if failed.failures == FAILURES else None
    alert = replace(alert, failures=0)
    if state == "insufficient":
        return alert, None
    if state == "ok":
        return Alert(), "resolved" if alert.firing else None
    if not alert.firing or alert.fired not in (None, series):
        return Alert(True, now, now, fired=series), "firing"
    # A clock that was set back must not silence it for longer.
    if alert.told is None or not alert.told <= now < alert.told + REPEAT:
        return replace(alert, told=now), "still-firing"
    return alert, None
