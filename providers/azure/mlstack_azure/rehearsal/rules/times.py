"""Durations, dates and cron expressions as the platform writes them."""

from __future__ import annotations

import re
from datetime import datetime

_PERIOD = re.compile(
    r"P(?!$)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = (31536000, 2592000, 604800, 86400, 3600, 60, 1)


def period(text: str) -> float | None:
    """Seconds of an ISO 8601 duration; None when it is none. A year has 365 days, a month 30."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    return sum(float(part or 0) * unit for part, unit in zip(match.groups(), _SECONDS, strict=True))


def moment(text: str) -> datetime | None:
    """A date and time, with or without an offset; None when it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minutes", 0, 59),
    ("hours", 0, 23),
    ("days", 1, 31),
    ("months", 1, 12),
    ("days of the week", 0, 6),
)


def cron(text: str) -> str | None:
    """What is wrong with an NCronTab expression of five fields; None when nothing is."""
    fields = text.split()
    if len(fields) != 5:
        return f"{text!r} has {len(fields)} fields; there must be 5: minute hour day month weekday"
    for value, (name, low, high) in zip(fields, _FIELDS, strict=True):
        for part in value.split(","):
            problem = _part(part, name, low, high)
            if problem:
                return problem
    return None


def _part(part: str, name: str, low: int, high: int) -> str | None:
    span, _, step = part.partition("/")
    if step and (not step.isdigit() or int(step) == 0):
        return f"{part!r} in the {name} has no step"
    if span == "*":
        return None
    ends = span.split("-")
    numbers = [_DAYS.index(end.lower()) if high == 6 and end.lower() in _DAYS else end for end in ends]
    if len(ends) > 2 or not all(isinstance(one, int) or one.isdigit() for one in numbers):
        return f"{part!r} in the {name} is not understood"
    values = [int(one) for one in numbers]
    if not all(low <= one <= high for one in values):
        return f"{part!r} in the {name} is not between {low} and {high}"
    return f"{part!r} in the {name} runs backwards" if len(values) == 2 and values[0] > values[1] else None
