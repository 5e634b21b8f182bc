"""Times: cron expressions, time zones, proto's durations."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)
_NAMES = {
    name: str(at)
    for names in (
        (["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1),
        (["sun", "mon", "tue", "wed", "thu", "fri", "sat"], 0),
    )
    for at, name in enumerate(names[0], names[1])
}
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")


def cron_problem(text: str) -> str | None:
    """What is wrong with an expression of unix-cron (cloud.google.com/scheduler/docs/configuring/
    cron-job-schedules)."""
    steps = text.split()
    if len(steps) != len(_FIELDS):
        return f"{text!r} has {len(steps)} fields; a cron expression has 5"
    for step, (name, low, high) in zip(steps, _FIELDS, strict=True):
        plain = re.sub(r"[a-z]{3}", lambda one: _NAMES.get(one[0], one[0]), step.lower())
        for part in plain.split(","):
            match = _PART.fullmatch(part)
            if match is None:
                return f"{step!r} is no {name}"
            numbers = [int(one) for one in match.groups()[:2] if one is not None]
            if any(not low <= one <= high for one in numbers) or match[3] == "0":
                return f"{step!r} is not within the {name}s {low} to {high}"
    return None


def zone_problem(name: str) -> str | None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return f"{name!r} is no time zone of the IANA database"
    return None


def seconds(text: str | None) -> float | None:
    """A duration as proto's JSON has it ("3600s")."""
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?)s", text or "")
    return float(match[1]) if match else None
