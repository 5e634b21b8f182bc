"""Times of the spec as cron expressions, for targets whose schedules take nothing else."""

from __future__ import annotations


def every(seconds: float) -> str | None:
    """The expression for fixed intervals; None for those that a clock's hands do not divide evenly."""
    minutes = seconds / 60
    if minutes != int(minutes) or minutes < 1:
        return None
    minutes = int(minutes)
    if minutes < 60 and 60 % minutes == 0:
        return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"
    hours, rest = divmod(minutes, 60)
    if rest == 0 and hours < 24 and 24 % hours == 0:
        return "0 * * * *" if hours == 1 else f"0 */{hours} * * *"
    if minutes == 24 * 60:
        return "0 0 * * *"
    return "0 0 * * 0" if minutes == 7 * 24 * 60 else None
