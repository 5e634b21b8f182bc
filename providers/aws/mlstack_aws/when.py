"""Times as monitoring schedules have them: hourly, or every so many hours, and no other.

Source: SageMaker API reference, ScheduleConfig: ScheduleExpression.
"""

from __future__ import annotations

_HOUR = 3_600


def hours(seconds: float) -> str | None:
    """None: SageMaker has no such schedule."""
    if seconds % _HOUR or not _HOUR <= seconds <= 24 * _HOUR:
        return None
    count = round(seconds / _HOUR)
    if count == 1:
        return "cron(0 * ? * * *)"
    return "cron(0 0 ? * * *)" if count == 24 else f"cron(0 0/{count} ? * * *)"
