"""Readings of monitors: of an alert its own expression, asked of Cloud Monitoring for the times at which it
was looked at; of a monitoring job the distances that it has found.

Sources: Cloud Monitoring, "Query using PromQL" (the HTTP API of Prometheus at ``/v1/projects/P/location/
global/prometheus``); JobService.SearchModelDeploymentMonitoringStatsAnomalies of google.cloud.aiplatform.v1.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlstack.errors import UsageError
from mlstack.runtime import ChildRecord, Reading, ReadingState, Record
from mlstack_gcp import cloud
from mlstack_gcp.kinds.monitor import requests
from mlstack_gcp.runtime import children

ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
MONITOR = "mlstack:gcp:MonitoringJob"
#: As `mlstack_gcp.kinds.monitor.query` writes it: value, limit, and how many requests there have to be.
_QUERY = re.compile(r"\(?(?P<value>.+?) > (?P<limit>[\d.e+-]+)(?:\) and \(.+ >= (?P<least>\d+)\))?")
_ABOUT = re.compile(r'endpoint_id="(?P<endpoint>\d+)".*?\[(?P<window>\d+s)\]')


def latest(record: Record, count: int) -> Sequence[Reading]:
    """The last readings, the oldest first."""
    alerts = children.of_type(record, ALERT)
    if alerts:
        return _of_alert(record, alerts[0], count)
    return _of_job(record, children.one(record, MONITOR), count)


def _of_alert(record: Record, alert: ChildRecord, count: int) -> list[Reading]:
    """Times without requests are readings without a value."""
    held = _condition(record, alert)
    text = str(held.get("query") or "")
    asked, about = _QUERY.fullmatch(text), _ABOUT.search(text)
    if asked is None or about is None:
        raise UsageError(
            f"the alert of monitor {record.name!r} is another than mlstack has made",
            code="unsupported",
            remedy="the console shows it: Monitoring, Alerting; `mlstack up` sets it back",
        )
    step = int(str(held["evaluationInterval"]).removesuffix("s"))
    until = int(datetime.now(UTC).timestamp()) // step * step
    times = [until - step * number for number in range(count - 1, -1, -1)]
    project = alert.id.split("/")[1]
    is_latency = asked["value"].startswith("histogram_quantile")
    values = _range(project, asked["value"], times, step)
    counts = _range(project, requests(about["endpoint"], about["window"]), times, step)
    unit = 1000 if is_latency else 1
    limit, least = float(asked["limit"]) / unit, int(asked["least"] or 1)
    readings = []
    for time in times:
        value, samples = values.get(time), round(counts.get(time, 0))
        found = value / unit if value is not None and samples >= least else None
        state: ReadingState = "insufficient" if found is None else "firing" if found > limit else "ok"
        readings.append(
            Reading(
                monitor=record.name,
                time=datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds"),
                state=state,
                value=found,
                threshold=limit,
                measure=_quantile(asked["value"]) if is_latency else "part of requests that failed",
                samples=samples,
                firing=state == "firing",
            )
        )
    return readings


def _condition(record: Record, alert: ChildRecord) -> Mapping[str, Any]:
    """The expression as Cloud Monitoring has it now."""
    try:
        policy = cloud.rest("monitoring", "GET", f"/v3/{alert.id}")
    except cloud.CloudFailure as failure:
        if failure.status != 404:
            raise
        raise _gone(record, alert) from failure
    conditions = policy.get("conditions") or [{}]
    found: Mapping[str, Any] = conditions[0].get("conditionPrometheusQueryLanguage") or {}
    return found


def _gone(record: Record, child: ChildRecord) -> UsageError:
    return UsageError(
        f"what watches for monitor {record.name!r} is not there: {child.id}",
        code="not-there",
        remedy="run `mlstack up --refresh`",
    )


def _quantile(value: str) -> str:
    return f"quantile {value.removeprefix('histogram_quantile(').partition(',')[0]} of latency in seconds"


def _range(project: str, query: str, times: Sequence[int], step: int) -> dict[int, float]:
    """Time -> value of an expression that has one value."""
    answer = cloud.rest(
        "monitoring",
        "GET",
        f"/v1/projects/{project}/location/global/prometheus/api/v1/query_range",
        params={"query": query, "start": times[0], "end": times[-1], "step": f"{step}s"},
    )
    series = (answer.get("data") or {}).get("result") or []
    found = {round(float(time)): float(value) for each in series[:1] for time, value in each["values"]}
    return {time: value for time, value in found.items() if math.isfinite(value)}


def _of_job(record: Record, job: ChildRecord, count: int) -> list[Reading]:
    """One for each window of each deployment: the feature that is farthest from the baseline."""
    client = cloud.client("Job", str(job.inputs["location"]))
    limit = float(job.inputs["threshold"])
    windows: dict[datetime, dict[str, float]] = defaultdict(dict)
    try:
        with cloud.told(job.id):
            for deployed in job.inputs["deployed_models"]:
                stats = client.search_model_deployment_monitoring_stats_anomalies(
                    request={
                        "model_deployment_monitoring_job": job.id,
                        "deployed_model_id": deployed,
                        "objectives": [{"type_": "RAW_FEATURE_SKEW"}],
                    }
                )
                for each in stats:
                    for feature in each.feature_stats:
                        for seen in feature.prediction_stats:
                            held = windows[seen.end_time]
                            name = feature.feature_display_name
                            held[name] = max(held.get(name, 0.0), seen.distribution_deviation)
            last = [*sorted(windows)][-count:]
            return [_of_window(record, time, windows[time], limit) for time in last] or [
                _none_yet(record, client.get_model_deployment_monitoring_job(name=job.id), limit)
            ]
    except cloud.CloudFailure as failure:
        if failure.status != 404:
            raise
        raise _gone(record, job) from failure


_MEASURE = "distance of a column from the baseline"


def _of_window(record: Record, time: datetime, held: Mapping[str, float], limit: float) -> Reading:
    value = max(held.values())
    return Reading(
        monitor=record.name,
        time=time.astimezone(UTC).isoformat(timespec="seconds"),
        state="firing" if value > limit else "ok",
        value=value,
        threshold=limit,
        measure=_MEASURE,
        samples=len(held),
        firing=value > limit,
        document={"features": dict(held)},
    )


def _none_yet(record: Record, job: Any, limit: float) -> Reading:
    """Nothing can be measured at one's own time: the platform does it by its own clock."""
    state = job.state.name.removeprefix("JOB_STATE_").lower()
    why = {
        "pending": "Vertex AI waits for the first 1000 requests, from which it learns the columns",
        "failed": job.error.message,
        "paused": "the monitoring job is paused",
    }.get(state, f"the first window ends at {job.next_schedule_time or 'a time that is not set yet'}")
    return Reading(
        monitor=record.name,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        state="failed" if state == "failed" else "insufficient",
        value=None,
        threshold=limit,
        measure=_MEASURE,
        samples=0,
        error=why,
    )
