"""Readings of monitors: of an alert the metric behind it, of a drift monitor the runs of its schedule."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import ChildRecord, Reading, ReadingState, Record
from mlstack_azure import history as services
from mlstack_azure import runs
from mlstack_azure.arm import Arm, Workspace
from mlstack_azure.arm.client import Document
from mlstack_azure.runtime import children
from mlstack_azure.runtime.figures import series

_ALERT = "azure-native:monitor:MetricAlert"
_SCHEDULE = f"{children.ML}Schedule"
#: Running a schedule now is in this version of the interface, and in no later one.
_TRIGGER_API = "2024-01-01-preview"
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqual": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqual": operator.le,
}


def measure(arm: Arm, record: Record) -> Reading:
    """Take a reading now. A drift monitor's schedule is run, and the run is what the reading tells of."""
    alerts = children.of_type(record, _ALERT)
    if alerts:
        return _of_alert(arm, record, alerts[0], 1)[-1]
    schedule = children.one(record, _SCHEDULE)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    arm.post(f"{schedule.id}/trigger", {"scheduleTime": now}, _TRIGGER_API)
    threshold = _threshold(schedule.inputs)
    return Reading(
        monitor=record.name,
        time=now,
        state="insufficient",
        value=None,
        threshold=threshold[0],
        measure=threshold[1],
        samples=0,
        error="Azure ML has begun a run of the monitor, which takes minutes; then it is a reading",
        report=None,
    )


def latest(arm: Arm, record: Record, count: int) -> Sequence[Reading]:
    """The last readings, the oldest first."""
    alerts = children.of_type(record, _ALERT)
    if alerts:
        return _of_alert(arm, record, alerts[0], count)
    return _of_schedule(arm, record, children.one(record, _SCHEDULE), count)


def _of_alert(arm: Arm, record: Record, alert: ChildRecord, count: int) -> list[Reading]:
    """The windows that the alert looks at, reckoned from the metric itself."""
    criteria = (alert.inputs.get("criteria") or {}).get("allOf") or []
    scopes = alert.inputs.get("scopes") or []
    if not criteria or not scopes:
        raise UsageError(
            f"the alert of monitor {record.name!r} has no criterion that can be read",
            code="unsupported",
            remedy="the portal shows it: Azure Monitor, Alerts",
        )
    criterion = criteria[0]
    window = timedelta(minutes=max(1, _minutes(str(alert.inputs.get("windowSize") or "PT5M"))))
    now = datetime.now(UTC)
    readings = []
    for number in range(count - 1, -1, -1):
        until = now - window * number
        values = [
            value
            for scope in scopes
            for _, _, each in series(
                arm,
                scope,
                [criterion["metricName"]],
                criterion["timeAggregation"],
                _filter(criterion),
                until - window,
                until,
            )
            for value in each
        ]
        readings.append(_reading(record, criterion, until, values))
    return readings


def _reading(record: Record, criterion: dict[str, Any], until: datetime, values: list[float]) -> Reading:
    limit = float(criterion["threshold"])
    how = str(criterion["timeAggregation"])
    value = None
    if values:
        folds: Mapping[str, Callable[[list[float]], float]] = {"Maximum": max, "Minimum": min, "Total": sum}
        value = folds.get(how, fmean)(values)
    firing = value is not None and _OPERATORS[str(criterion["operator"])](value, limit)
    state: ReadingState = "insufficient" if value is None else "firing" if firing else "ok"
    return Reading(
        monitor=record.name,
        time=until.isoformat(timespec="seconds"),
        state=state,
        value=value,
        threshold=limit,
        measure=str(criterion["metricName"]),
        samples=len(values),
        firing=firing,
        document={"criterion": criterion, "values": values},
    )


def _of_schedule(arm: Arm, record: Record, schedule: ChildRecord, count: int) -> list[Reading]:
    """The schedule's runs. How far its metrics are from their thresholds is in the metrics of a run."""
    workspace = Workspace.of(schedule.id)
    name = schedule.id.rpartition("/")[2]
    listed = list(
        arm.pages(f"{workspace.id}/jobs", listViewType="ActiveOnly", scheduled="true", scheduleId=name)
    )
    newest = sorted(listed, key=lambda document: runs.created(document) or 0.0)[-count:]
    return [_of_run(arm, record, schedule, document) for document in newest]


def _of_run(arm: Arm, record: Record, schedule: ChildRecord, document: Document) -> Reading:
    threshold, measure = _threshold(schedule.inputs)
    state = runs.state_of(document)
    logged = services.metrics(arm, document["id"]) if state == "succeeded" else {}
    metrics = {name: value for name, value in logged.items() if _letters(measure) in _letters(name)}
    value = max(metrics.values(), default=None)
    firing = value is not None and value > threshold
    created = runs.created(document)
    time = datetime.fromtimestamp(created, UTC) if created else datetime.now(UTC)
    told: ReadingState = "failed" if state in ("failed", "cancelled") else "insufficient"
    if value is not None:
        told = "firing" if firing else "ok"
    return Reading(
        monitor=record.name,
        time=time.isoformat(timespec="seconds"),
        state=told,
        value=value,
        threshold=threshold,
        measure=measure,
        samples=len(metrics),
        firing=firing,
        error=services.reason(arm, document["id"]) or None if told == "failed" else None,
        report=runs.studio(document),
        document={"run": document["name"], "metrics": logged},
    )


def _threshold(inputs: Any) -> tuple[float, str]:
    """(threshold, metric) of a drift monitor: the first that its definition has."""
    action = ((inputs.get("properties") or inputs.get("scheduleProperties") or {}).get("action")) or {}
    signals = (action.get("monitorDefinition") or {}).get("signals") or {}
    for signal in signals.values():
        found = signal.get("metricThresholds") or signal.get("metricThreshold") or []
        for each in found if isinstance(found, list) else [found]:
            limit = (each.get("threshold") or {}).get("value")
            if limit is not None:
                return float(limit), str(each.get("metric") or signal.get("signalType"))
    return 0.0, "unknown"


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _filter(criterion: dict[str, Any]) -> str | None:
    parts = [
        " or ".join(f"{each['name']} eq '{value}'" for value in each.get("values") or ())
        for each in criterion.get("dimensions") or ()
        if each.get("operator") == "Include" and each.get("values") != ["*"]
    ]
    return " and ".join(parts) or None


def _minutes(text: str) -> int:
    """Of an ISO 8601 length of time that is made of hours and minutes ("PT1H30M")."""

    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", text)
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 5)
    return days * 1440 + hours * 60 + minutes
