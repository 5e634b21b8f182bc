"""A monitor whose measure is changed: what was read before stays, and is compared with nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest
from mlstack_local.monitors import definition as definitions
from mlstack_local.monitors import tend
from mlstack_local.monitors.definition import Baseline, Code, Definition
from mlstack_local.monitors.history import History
from mlstack_local.monitors.reading import Reading

from .conftest import Site

MONITOR = Definition("drift", "digits", "data-drift", 0.2, "psi", Baseline("b.csv", "v1"), min_samples=100)


@pytest.mark.parametrize(
    "changed",
    [
        {"metric": "ks"},
        {"signal": "data-quality", "metric": "null-rate"},
        {"endpoint": "other"},
        {"features": ("age",)},
        {"baseline": Baseline("b.csv", "v2")},
        {"code": Code("code-1", "own.py")},
    ],
)
def test_another_measure_is_another_series(changed: dict[str, object]) -> None:
    assert replace(MONITOR, **changed).series != MONITOR.series  # type: ignore[arg-type]


def test_who_is_told_and_when_is_no_matter_of_the_series(site: Site) -> None:
    other = replace(MONITOR, threshold=1.0, every=5.0, window=60.0, min_samples=1, notify=("oncall",))
    assert other.series == MONITOR.series
    MONITOR.write(site.layout.monitor("drift"))
    found = definitions.read(site.layout.monitor("drift"))
    assert found is not None
    assert found.series == MONITOR.series


def test_a_changed_metric_begins_anew(site: Site) -> None:
    folder = site.layout.monitor("drift")
    held = site.baseline({"age": [float(number % 100) for number in range(1000)]})
    first = replace(MONITOR, baseline=held, metric="psi", window=3600.0)
    site.capture({"instances": [[50 + number / 2] for number in range(200)]}, time=time.time() - 60)
    history = History(folder)

    def read(definition: Definition) -> Reading:
        definition.write(folder)
        found = tend.read_now(site.layout, "drift")
        assert found is not None
        return found

    psi = read(first)
    assert (psi.event, read(first).event) == ("firing", None)
    changed = replace(first, metric="wasserstein")
    assert history.measured(changed) is None
    other = read(changed)
    assert (other.measure, other.event) == ("wasserstein", "firing")
    assert [reading.measure for reading in history.last(9)] == ["psi", "psi", "wasserstein"]
    assert history.comparable(changed, 9) == [other]
    assert history.measured(changed) == other
    report = (site.layout.root / (other.report or "")).read_text()
    assert f"{other.value}" in report
    assert f"{psi.value}" not in report
    assert len(history.comparable(first, 9)) == 2


def test_what_an_older_version_recorded_is_compared_by_its_measure(site: Site) -> None:
    folder = site.layout.monitor("drift")
    MONITOR.write(folder)
    tend.record_failure(site.layout, "drift", "gone", 1.0)
    history = History(folder)
    with closing(sqlite3.connect(folder / "readings.db")) as database, database:
        database.execute("ALTER TABLE reading DROP COLUMN series")
        database.execute(
            "UPDATE reading SET state = 'ok', "
            "document = json_remove(json_set(document, '$.value', 0.1), '$.series')"
        )
    [old] = history.last()
    assert old.series is None
    assert history.comparable(MONITOR, 9) == [old]
    assert history.measured(MONITOR) == old
    assert history.measured(replace(MONITOR, metric="ks")) is None
    tend.record_failure(site.layout, "drift", "gone again", 2.0)
    assert [reading.series for reading in history.last(9)] == [None, MONITOR.series]
