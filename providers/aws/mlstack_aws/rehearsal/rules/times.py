"""Schedule expressions of EventBridge, its scheduler, and application autoscaling."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Iterator

from mlstack_aws.rehearsal.rules.base import DOCS, Problem, View, rule

_RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_FIELDS = ("minutes", "hours", "day of month", "month", "day of week", "year")
_MONTHS = {
    m: i
    for i, m in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1
    )
}
_DAYS = {d: i for i, d in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}


def wrong(text: str, *, at: bool) -> str | None:
    """What is wrong with an expression; None when it is right."""
    if text.startswith("rate("):
        match = _RATE.fullmatch(text)
        if match is None or int(match[1]) < 1:
            return f"{text!r} is not rate(N minutes|hours|days)"
        if (int(match[1]) == 1) == match[2].endswith("s"):
            return f"{text!r}: the unit is singular for 1, and plural for more"
        return None
    if text.startswith("cron(") and text.endswith(")"):
        return _cron(text)
    if at and _AT.fullmatch(text):
        return None
    words = "cron(…), rate(…)" + (" or at(yyyy-mm-ddThh:mm:ss)" if at else "")
    return f"{text!r} is not {words}"


def _cron(text: str) -> str | None:
    fields = text[5:-1].split()
    if len(fields) != 6:
        return f"{text!r} has {len(fields)} fields; AWS's cron has 6: {', '.join(_FIELDS)}"
    if (fields[2] == "?") == (fields[4] == "?"):
        return f"{text!r}: one of day of month and day of week must be ?, and the other not"
    for index, field in enumerate(fields):
        if not all(_field(index, part) for part in field.split(",")):
            return f"{text!r}: {field!r} is no {_FIELDS[index]}"
    return None


def _field(index: int, text: str) -> bool:
    low, high = _RANGES[index]
    if index == 2 and re.fullmatch(r"LW?|L-\d+|\d+W", text):
        return True
    if index == 4 and re.fullmatch(r"L|[1-7]L|[1-7]#[1-5]", text):
        return True
    if text == "?":
        return index in (2, 4)
    body, _, step = text.partition("/")
    if step and not (step.isdigit() and int(step) > 0):
        return False
    if body in ("*", ""):
        return body == "*"
    names = _MONTHS if index == 3 else _DAYS if index == 4 else {}
    ends = [names.get(end.upper(), int(end) if end.isdigit() else -1) for end in body.split("-")]
    return len(ends) <= 2 and all(low <= end <= high for end in ends)


@rule("rule-time", "events", "PutRule",
      source=DOCS + "eventbridge/latest/userguide/eb-scheduled-rule-pattern.html")  # fmt: skip
def event(x: View) -> Iterator[Problem]:
    text = x.text("ScheduleExpression")
    if text and (problem := wrong(text, at=False)):
        yield "ScheduleExpression", problem
    if x.missing("ScheduleExpression") and x.missing("EventPattern"):
        yield "ScheduleExpression", "a rule needs a schedule or a pattern"


@rule("schedule-time", "scheduler", "CreateSchedule", "UpdateSchedule",
      source=DOCS + "scheduler/latest/UserGuide/schedule-types.html")  # fmt: skip
def schedule(x: View) -> Iterator[Problem]:
    text = x.text("ScheduleExpression")
    if text and (problem := wrong(text, at=True)):
        yield "ScheduleExpression", problem


@rule("schedule-window", "scheduler", "CreateSchedule", "UpdateSchedule",
      source=DOCS + "scheduler/latest/APIReference/API_FlexibleTimeWindow.html")  # fmt: skip
def window(x: View) -> Iterator[Problem]:
    path = "FlexibleTimeWindow.MaximumWindowInMinutes"
    if x["FlexibleTimeWindow.Mode"] == "FLEXIBLE" and x.missing(path):
        yield path, "a flexible window needs it"
    if x["FlexibleTimeWindow.Mode"] == "OFF" and x.given(path):
        yield path, "is for flexible windows alone"


@rule("scheduled-action-time", "application-autoscaling", "PutScheduledAction",
      source=DOCS + "autoscaling/application/APIReference/API_PutScheduledAction.html: Schedule")  # fmt: skip
def action(x: View) -> Iterator[Problem]:
    text = x.text("Schedule")
    if text and (problem := wrong(text, at=True)):
        yield "Schedule", problem
    zone = x.text("Timezone")
    if zone and zone not in zoneinfo.available_timezones():
        yield "Timezone", f"{zone!r} is no time zone of the IANA database"
    begin, end = x["StartTime"], x["EndTime"]
    if all(isinstance(one, (str, datetime.datetime)) for one in (begin, end)) and str(begin) >= str(end):
        yield "EndTime", "is not after StartTime"
