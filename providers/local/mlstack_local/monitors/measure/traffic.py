"""Latency and errors: from what the endpoint's gateway has counted since the reading before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from mlstack_local.gateway import admin
from mlstack_local.gateway import config as configs
from mlstack_local.gateway.totals import NONE, Row, Totals
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured, MeasureFailed


def latency(definition: Definition, around: Surroundings) -> Measured:
    """The quantile of the seconds from a request's last byte to its answer's, within 5 %."""
    now, period = _period(around)
    rows = _deployments(period)
    whole = Row.sum(rows.values())
    samples = sum(whole.latency.values())
    columns = [{"name": name, "value": row.quantile(definition.quantile)} for name, row in rows.items()]
    return _measured(definition, now, period, whole.quantile(definition.quantile), samples, columns)


def errors(definition: Definition, around: Surroundings) -> Measured:
    """The share of requests that were answered with a status from 500 on."""
    now, period = _period(around)
    whole = Row.sum(period.traffic.values())
    value = whole.errors / whole.requests if whole.requests else None
    columns = [
        {"name": name, "value": row.errors / row.requests, "requests": row.requests}
        for name, row in sorted(period.traffic.items())
        if row.requests
    ]
    return _measured(definition, now, period, value, whole.requests, columns)


def _measured(
    definition: Definition,
    now: Totals,
    period: Totals,
    value: float | None,
    samples: int,
    columns: list[dict[str, Any]],
) -> Measured:
    enough = samples >= definition.needed
    columns.sort(key=lambda row: -(row["value"] or 0.0))
    return Measured(value if enough else None, samples, columns, since=period.started, keep=asdict(now))


def _period(around: Surroundings) -> tuple[Totals, Totals]:
    """The totals of now, and those since the newest reading that is old enough."""
    config = configs.read(around.layout.endpoint(around.endpoint))
    now = admin.totals(config) if config else None
    if now is None:
        raise MeasureFailed(
            f"the gateway of endpoint {around.endpoint!r} does not answer: `mlstack status` says how it "
            "fares, `mlstack up` starts it"
        )
    earlier = [
        document for moment, document in around.kept if around.since is None or moment <= around.since + 0.001
    ]
    return now, now.since(Totals.of(earlier[-1]) if earlier and around.since is not None else None)


def _deployments(period: Totals) -> dict[str, Row]:
    return {name: row for name, row in period.traffic.items() if name != NONE and row.latency}
