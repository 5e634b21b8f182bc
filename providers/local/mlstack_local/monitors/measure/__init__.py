"""One function for each signal: from a definition and its surroundings to what was measured.

Named as text and imported when it runs: a latency monitor needs no scipy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name

from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured

_MEASURES: Mapping[str, str] = {
    "data-drift": "captured:data_drift",
    "prediction-drift": "captured:prediction_drift",
    "data-quality": "captured:data_quality",
    "feature-attribution": "attribution:measure",
    "latency": "traffic:latency",
    "errors": "traffic:errors",
    "custom": "custom:measure",
}


def measure(definition: Definition, around: Surroundings) -> Measured:
    """Raises `MeasureFailed`, and whatever else may go wrong."""
    found: Callable[[Definition, Surroundings], Measured] = resolve_name(
        f"mlstack_local.monitors.measure.{_MEASURES[definition.signal]}"
    )
    return found(definition, around)
