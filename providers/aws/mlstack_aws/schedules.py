"""Times as EventBridge has them: its six cron fields, and rates.

Source: EventBridge Scheduler user guide, "Schedule types": minutes, hours, day of the month, month, day of
the week (1 is Sunday), year; one of the two sorts of days is ``?``.
"""

from __future__ import annotations

from mlstack.spec.cron import FIELDS, expand

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def cron(text: str) -> str | None:
    """The five fields of a spec as EventBridge's; None: it names days of the month and of the week, which
    EventBridge does not take together."""
    minute, hour, day, month, weekday = (
        _field(part.lower(), index) for index, part in enumerate(text.split())
    )
    if day != "*" and weekday != "*":
        return None
    days = ("?", weekday) if weekday != "*" else (day, "?")
    return f"cron({minute} {hour} {days[0]} {month} {days[1]} *)"


def _field(part: str, index: int) -> str:
    """A list of values: steps and names of every sort are so taken."""
    _, low, high, names = FIELDS[index]
    values = expand(part, low, high, names)
    if index == 4:
        values = {value % 7 for value in values}
        high = 6
    if values == set(range(low, high + 1)):
        return "*"
    if index == 4:
        return ",".join(_DAYS[value] for value in sorted(values))
    return ",".join(_spans(sorted(values)))


def _spans(values: list[int]) -> list[str]:
    """Runs of three and more as a range."""
    found: list[list[int]] = []
    for value in values:
        if found and value == found[-1][-1] + 1:
            found[-1].append(value)
        else:
            found.append([value])
    return [
        part
        for run in found
        for part in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else [str(value) for value in run])
    ]


def rate(seconds: float) -> str | None:
    """Fixed intervals; None: it is none of whole minutes."""
    if seconds < 60 or seconds % 60:
        return None
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds % length == 0:
            count = round(seconds / length)
            return f"rate({count} {unit}{'' if count == 1 else 's'})"
    return None
