"""The last readings of a stack's monitors, for Prometheus."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from mlstack_local.files import matching
from mlstack_local.layout import Layout
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors.history import History

_STATES = ("ok", "firing", "insufficient", "failed")
_LABELS = ("monitor", "endpoint", "signal")


def names(layout: Layout) -> list[str]:
    """The monitors that there are."""
    return [path.parent.name for path in matching(layout.home / "monitors", f"*/{definitions.NAME}")]


class Readings(Collector):
    """Read from the monitors' folders when it is scraped, so that it has the readings of commands too."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def collect(self) -> Iterator[GaugeMetricFamily]:
        value = GaugeMetricFamily(
            "mlstack_monitor_value", "Value of the last reading that had one.", labels=_LABELS
        )
        threshold = GaugeMetricFamily(
            "mlstack_monitor_threshold", "Where it begins to matter.", labels=_LABELS
        )
        firing = GaugeMetricFamily("mlstack_monitor_firing", "1 while the alert is firing.", labels=_LABELS)
        state = GaugeMetricFamily(
            "mlstack_monitor_state", "1 for the state of the last reading.", labels=(*_LABELS, "state")
        )
        time = GaugeMetricFamily(
            "mlstack_monitor_last_reading_timestamp_seconds", "Time of the last reading.", labels=_LABELS
        )
        samples = GaugeMetricFamily("mlstack_monitor_samples", "Samples of the last reading.", labels=_LABELS)
        for name in names(self._layout):
            folder = self._layout.monitor(name)
            definition, history = definitions.read(folder), History(folder)
            if definition is None:
                continue
            try:
                last, measured = history.last(), history.measured(definition)
            except sqlite3.Error:  # it is being removed, or broken: the others are told nevertheless
                continue
            labels = (name, definition.endpoint, definition.signal)
            threshold.add_metric(labels, definition.threshold)
            if not last:
                continue
            if measured and measured.value is not None:
                value.add_metric(labels, measured.value)
            firing.add_metric(labels, float(last[0].firing))
            time.add_metric(labels, last[0].time)
            samples.add_metric(labels, last[0].samples)
            for each in _STATES:
                state.add_metric((*labels, each), float(last[0].state == each))
        yield from (value, threshold, firing, state, time, samples)
