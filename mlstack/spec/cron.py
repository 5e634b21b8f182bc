"""The five fields of a cron expression, checked."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from mlstack.spec.faults import fault, shown
from mlstack.spec.text import Word

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, start=1)}),
    ("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)


def check(text: str) -> str:
    """The expression with single spaces; raises a fault where it is none, or can never come true."""
    parts = text.split()
    if len(parts) != len(FIELDS):
        raise fault(
            "bad-cron",
            f"{shown(text)} has {len(parts)} field{'' if len(parts) == 1 else 's'}, and a cron expression "
            "has five",
            'write minute, hour, day of the month, month, day of the week, such as "0 3 * * *" for 3 at '
            "night",
        )
    values = []
    for part, (what, low, high, names) in zip(parts, FIELDS, strict=True):
        try:
            values.append(expand(part.lower(), low, high, names))
        except ValueError:
            remedy = f"the {what} is *, {low} to {high}, a range 1-5, a list 1,3 or a step */2"
            raise fault("bad-cron", f"{shown(part)} in {shown(text)} is no {what}", remedy) from None
    days, months = values[2], values[3]
    if parts[4] == "*" and all(min(days) > _LONGEST[month - 1] for month in months):
        raise fault(
            "bad-cron", f"{shown(text)} never comes: no such month has that day", "choose another day"
        )
    return " ".join(parts)


def expand(field: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    """All values of one field; ValueError where it has no meaning."""
    found: set[int] = set()
    for item in field.split(","):
        span, slash, step = item.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _value(first, names)
            end = _value(last, names) if dash else high if slash else start
        width = _value(step, {}) if slash else 1
        if not (low <= start <= end <= high and width >= 1):
            raise ValueError(item)
        found.update(range(start, end + 1, width))
    return found


def _value(text: str, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    raise ValueError(text)


Cron: TypeAlias = Annotated[str, AfterValidator(check), Word("cron expression")]
