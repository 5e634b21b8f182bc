"""Feature attribution: whether the features matter to the model in the order in which they did."""

from __future__ import annotations

from mlstack_local.monitors import baseline as baselines
from mlstack_local.monitors import inside, statistics
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured, MeasureFailed

#: Rows of each side that are explained: the order of the means is settled long before.
_ROWS = 1000


def measure(definition: Definition, around: Surroundings) -> Measured:
    """NDCG of the window's ranking by mean absolute SHAP values, against the baseline's."""
    baseline = baselines.load(around.layout, definition)
    features = baseline.features
    rows = around.window.rows(features)
    if rows.count < definition.needed:
        return Measured(None, rows.count)
    deployment = inside.deployed(around.layout, definition.endpoint)
    if deployment.model is None:
        raise MeasureFailed(f"deployment {deployment.name!r} has no model of its own that shap could explain")
    words = [name for name in features if not baseline.column(name).numeric]
    if words:
        raise MeasureFailed(
            f"shap is given numbers, and these columns are categories: {', '.join(words[:8])}"
        )
    expected, found = inside.run(
        "attribution.py",
        {
            "model": str(around.layout.root / deployment.model.uri),
            "flavor": deployment.model.flavor,
            "features": features,
        },
        {
            "requests": {name: rows.columns[name][:_ROWS] for name in features},
            "baseline": baseline.rows(_ROWS),
        },
        deployment,
        cwd=around.layout.home,
    )
    columns = [
        {"name": name, "value": value, "baseline": before}
        for name, before, value in zip(features, expected, found, strict=True)
    ]
    columns.sort(key=lambda row: -row["baseline"])
    return Measured(statistics.ndcg(expected, found), rows.count, columns)
