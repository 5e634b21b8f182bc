"""Schedules: triggers and what they start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from mlstack_azure.rehearsal.rules.base import AML, LEARN, REST, Problem, View, one_of, rule
from mlstack_azure.rehearsal.rules.jobs import job_problems
from mlstack_azure.rehearsal.rules.times import cron, moment

SCHEDULE = "machinelearningservices:Schedule"
_REST = REST + "azureml/schedules/create-or-update"
_CRON = LEARN + "how-to-schedule-pipeline-job: create a time-based schedule using a cron expression"
_TRIGGER = "properties.trigger"

one_of("trigger-type", SCHEDULE, f"{_TRIGGER}.triggerType", ("Cron", "Recurrence"), _REST)
one_of(
    "trigger-frequency", SCHEDULE, f"{_TRIGGER}.frequency", ("Minute", "Hour", "Day", "Week", "Month"), _REST
)
one_of(
    "action-type",
    SCHEDULE,
    "properties.action.actionType",
    ("CreateJob", "CreateMonitor", "InvokeBatchEndpoint"),
    _REST,
)


@rule("schedule-parts", SCHEDULE, source=_REST + ": ScheduleProperties")
def parts(x: View) -> Iterator[Problem]:
    for key in ("trigger", "action"):
        if x.missing(f"properties.{key}"):
            yield f"properties.{key}", "a schedule has a trigger and an action"


@rule("cron-syntax", SCHEDULE, source=_CRON + "; NCronTab")
def cron_syntax(x: View) -> Iterator[Problem]:
    value = x[f"{_TRIGGER}.expression"]
    if x[f"{_TRIGGER}.triggerType"] != "Cron":
        return
    if x.missing(f"{_TRIGGER}.expression"):
        yield f"{_TRIGGER}.expression", "a cron trigger has an expression"
    elif isinstance(value, str) and (problem := cron(value)):
        yield f"{_TRIGGER}.expression", problem


@rule("cron-days", SCHEDULE, source=_CRON + ": days and months are not supported, they are read as *")
def cron_days(x: View) -> Iterator[Problem]:
    """The platform would take another time than the one that is written, without a word."""
    value = x[f"{_TRIGGER}.expression"]
    if x[f"{_TRIGGER}.triggerType"] == "Cron" and isinstance(value, str) and cron(value) is None:
        fields = value.split()
        for name, field in (("day", fields[2]), ("month", fields[3])):
            if field != "*":
                yield f"{_TRIGGER}.expression", f"the {name} {field!r} would be read as *; use a recurrence"


@rule("trigger-times", SCHEDULE, source=_REST + "; " + AML + "entities/_schedule/trigger.py")
def times(x: View) -> Iterator[Problem]:
    """Start and end are dates with times, and the end comes after the start."""
    read = {}
    for key in ("startTime", "endTime"):
        value = x[f"{_TRIGGER}.{key}"]
        if not isinstance(value, str):
            continue
        read[key] = moment(value)
        if read[key] is None:
            yield f"{_TRIGGER}.{key}", f"{value!r} is no date and time such as 2026-01-31T08:00:00"
    start, end = read.get("startTime"), read.get("endTime")
    if start and end and end.replace(tzinfo=end.tzinfo or UTC) <= start.replace(tzinfo=start.tzinfo or UTC):
        yield f"{_TRIGGER}.endTime", "comes before the start"


@rule("recurrence", SCHEDULE, source=_REST + ": RecurrenceTrigger, RecurrenceSchedule")
def recurrence(x: View) -> Iterator[Problem]:
    if x[f"{_TRIGGER}.triggerType"] != "Recurrence":
        return
    for key in ("frequency", "interval"):
        if x.missing(f"{_TRIGGER}.{key}"):
            yield f"{_TRIGGER}.{key}", "a recurrence needs it"
    interval = x[f"{_TRIGGER}.interval"]
    if isinstance(interval, (int, float)) and interval < 1:
        yield f"{_TRIGGER}.interval", f"{interval:g} is less than 1"
    if x[f"{_TRIGGER}.schedule"] is None:
        return
    for key, low, high in (("hours", 0, 23), ("minutes", 0, 59), ("monthDays", 1, 31)):
        values = x[f"{_TRIGGER}.schedule.{key}"]
        if key != "monthDays" and x.missing(f"{_TRIGGER}.schedule.{key}"):
            yield f"{_TRIGGER}.schedule.{key}", "a pattern names hours and minutes"
        for value in values if isinstance(values, (list, tuple)) else ():
            if isinstance(value, (int, float)) and not low <= value <= high:
                yield f"{_TRIGGER}.schedule.{key}", f"{value:g} is not between {low} and {high}"


@rule("schedule-job", SCHEDULE, source=_REST + ": JobScheduleAction")
def job(x: View) -> Iterator[Problem]:
    """The job of a schedule is a job as one would submit it."""
    path = "properties.action.jobDefinition"
    if x["properties.action.actionType"] != "CreateJob":
        return
    if x.missing(path):
        yield path, "an action that makes jobs says which"
        return
    value = x[path]
    if x.missing(f"{path}.jobType"):
        yield f"{path}.jobType", "says which sort of job it is"
    for below, message in job_problems(View(value if isinstance(value, dict) else {})):
        yield f"{path}.{below}", message


@rule("schedule-endpoint", SCHEDULE, source=_REST + ": EndpointScheduleAction")
def endpoint(x: View) -> Iterator[Problem]:
    path = "properties.action.endpointInvocationDefinition"
    if x["properties.action.actionType"] == "InvokeBatchEndpoint" and x.missing(path):
        yield path, "an action that invokes an endpoint says how"
