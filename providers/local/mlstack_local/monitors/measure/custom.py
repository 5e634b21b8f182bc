"""A measure of the user's own: ``measure(requests, baseline)`` in the deployment's environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from mlstack_local.monitors import baseline as baselines
from mlstack_local.monitors import inside
from mlstack_local.monitors.decode import Rows
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured

PREDICTION = "prediction"
#: Rows of the baseline that a measure is given: as many as its profile keeps.
_ROWS = 10_000


def measure(definition: Definition, around: Surroundings) -> Measured:
    """``requests`` has a row for each row that was asked, with the answer in the column "prediction"."""
    assert definition.code is not None
    baseline = baselines.load(around.layout, definition) if definition.baseline else None
    features = baseline.features if baseline else None
    rows = around.window.rows(features)
    if rows.count < definition.needed:
        return Measured(None, rows.count)
    code = around.layout.root / definition.code.path
    value = inside.run(
        "custom.py",
        {"script": str(code / definition.code.script)},
        {
            "requests": _with_predictions(rows, around.window.predictions(PREDICTION)),
            "baseline": _plain_columns(baseline.rows(_ROWS)) if baseline else None,
        },
        inside.deployed(around.layout, definition.endpoint),
        cwd=code,
    )
    return Measured(float(value), rows.count)


def _with_predictions(rows: Rows, answered: Rows) -> dict[str, list[Any]]:
    columns = _plain_columns(rows.columns)
    if answered.count == rows.count and not rows.bad and not answered.bad:
        columns.setdefault(PREDICTION, answered.columns[PREDICTION])
    return columns


def _plain_columns(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [_plain(value) for value in values] for name, values in columns.items()}


def _plain(value: Any) -> Any:
    """JSON has no NaN and no times."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int | str | list) else str(value)
