"""The signals that are read from captured requests: drift and quality."""

from __future__ import annotations

from mlstack_local.monitors import baseline as baselines
from mlstack_local.monitors.columns import Column
from mlstack_local.monitors.decode import Rows
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.measure import drift, quality
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured, MeasureFailed


def data_drift(definition: Definition, around: Surroundings) -> Measured:
    baseline = baselines.load(around.layout, definition)
    rows = around.window.rows(baseline.features)
    if too_few := _too_few(definition, rows):
        return too_few
    pairs = _pairs(baseline, baseline.chosen(), rows)
    return drift.compare(definition.metric or "psi", pairs, rows.count)


def prediction_drift(definition: Definition, around: Surroundings) -> Measured:
    baseline = baselines.load(around.layout, definition)
    name = baseline.prediction
    rows = around.window.predictions(name)
    if rows.bad > rows.count:
        raise MeasureFailed(
            f"{rows.bad} predictions are no single values: prediction-drift compares one value a row with "
            f"the baseline's column {name!r}"
        )
    if too_few := _too_few(definition, rows):
        return too_few
    return drift.compare(definition.metric or "psi", _pairs(baseline, [name], rows), rows.count)


def data_quality(definition: Definition, around: Surroundings) -> Measured:
    baseline = baselines.load(around.layout, definition)
    rows = around.window.rows(baseline.features, refused=True)
    if rows.count + rows.bad < definition.needed:
        return Measured(None, rows.count + rows.bad)
    metric = definition.metric or "null-rate"
    pairs = _pairs(baseline, baseline.chosen(new=metric != "out-of-bounds-rate"), rows)
    return quality.rates(metric, pairs, baseline.bounds, rows.count, rows.bad)


def _too_few(definition: Definition, rows: Rows) -> Measured | None:
    if rows.count >= definition.needed:
        return None
    notes = [f"{rows.bad} rows could not be read"] if rows.bad else []
    return Measured(None, rows.count, notes=notes)


def _pairs(baseline: baselines.BaselineTable, names: list[str], rows: Rows) -> list[tuple[Column, Column]]:
    expected = [baseline.column(name) for name in names]
    missing = [None] * rows.count
    return [
        (column, Column.of(column.name, rows.columns.get(column.name, missing), column.numeric))
        for column in expected
    ]
