"""Times between two starts, as Azure ML's schedules write them."""

from __future__ import annotations

_UNITS = (("Week", 604_800), ("Day", 86_400), ("Hour", 3600), ("Minute", 60))


def recurrence(seconds: float) -> tuple[str, int] | None:
    """``7200`` -> ("Hour", 2); None where it is no whole number of minutes."""
    whole = round(seconds)
    if whole != seconds:
        return None
    return next(((unit, whole // size) for unit, size in _UNITS if whole and whole % size == 0), None)
