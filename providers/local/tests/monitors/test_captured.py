"""Readings of captured requests: drift of data and predictions, and their quality."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from mlstack_local.gateway import config as configs
from mlstack_local.monitors.measure import measure
from mlstack_local.monitors.measure.surroundings import Surroundings
from mlstack_local.monitors.reading import Measured, MeasureFailed

from .conftest import PIXELS, Site, rotated


def look(site: Site, since: float | None = None, until: float = 1e10, **given: Any) -> Measured:
    return measure(site.definition(**given), Surroundings(site.layout, "digits", since, until))


@pytest.fixture
def half(site: Site, digits: Any) -> Site:
    """The baseline is the first 1,400 digits, with a label that is not asked for."""
    columns = {name: digits[:1400, place] for place, name in enumerate(PIXELS)}
    site.held = site.baseline({**columns, "target": np.arange(1400) % 10}, label="target")
    return site


def test_digits_from_the_wire(half: Site, digits: Any) -> None:
    """Clean rows as JSON, CSV and v2 have no value; turned ones have."""
    held = half.held
    clean = digits[1400:]
    half.capture(*({"instances": rows.tolist()} for rows in np.array_split(clean[:200], 20)))
    half.capture(
        "\n".join(",".join(map(str, row)) for row in clean[200:300]).encode(), content_type="text/csv"
    )
    flat = clean[300:].ravel().tolist()
    v2 = {"inputs": [{"name": "x", "shape": [97, 64], "datatype": "FP64", "data": flat}]}
    half.capture(v2)
    found = look(half, baseline=held)
    assert (found.value, found.samples) == (0.0, 397)
    assert len(found.columns) == 64
    half.capture({"instances": rotated(clean).tolist()}, time=2000)
    turned = look(half, since=1500, baseline=held)
    assert turned.samples == 397
    assert (turned.value or 0) > 0.2
    assert turned.columns[0]["chance"] is False
    assert len(turned.plots) == 6
    assert sum(turned.plots[0].baseline) == pytest.approx(1)


def test_only_the_features_that_are_named_are_watched(half: Site, digits: Any) -> None:
    half.capture({"instances": digits[1400:].tolist()})
    found = look(half, baseline=half.held, features=("p20", "p21"))
    assert [row["name"] for row in found.columns] in (["p20", "p21"], ["p21", "p20"])
    with pytest.raises(MeasureFailed, match="no column 'nothing'"):
        look(half, baseline=half.held, features=("nothing",))


def test_too_few_rows_are_said_and_not_measured(half: Site, digits: Any) -> None:
    half.capture({"instances": digits[:199].tolist()}, {"instances": [[1, 2]]})
    found = look(half, baseline=half.held)
    assert (found.value, found.samples) == (None, 199)
    assert "1 rows could not be read" in found.notes[0]
    assert look(half, baseline=half.held, min_samples=199).value == 0.0


def test_a_mirrored_request_is_one_request(half: Site, digits: Any) -> None:
    folder = half.layout.endpoint("digits")
    folder.mkdir(parents=True)
    configs.write(folder, configs.Config("digits", 1, "", "", weights={"blue": 100, "shadow": 0}))
    body = {"instances": digits[:200].tolist()}
    half.capture(body, deployment="blue", request_id="same")
    half.capture(body, deployment="shadow", request_id="same")
    half.capture(body, deployment="shadow", request_id="other")
    assert look(half, baseline=half.held).samples == 400


def test_predictions_against_the_label(site: Site) -> None:
    rng = np.random.default_rng(0)
    held = site.baseline({"x": np.arange(1000.0), "y": rng.choice(["cat", "dog"], 1000)}, label="y")

    def answer(words: Any) -> None:
        response = json.dumps({"predictions": list(words)}).encode()
        site.capture({"instances": [[1]] * len(words)}, response=response, time=site._number * 100.0)

    answer(rng.choice(["cat", "dog"], 300))
    given = {"baseline": held, "signal": "prediction-drift"}
    assert look(site, **given).value == 0.0
    answer(["cat"] * 300)
    assert (look(site, since=50, **given).value or 0) > 0.2
    answer(["mouse"] * 300)
    assert look(site, since=150, **given).columns[0]["value"] > 2
    with pytest.raises(MeasureFailed, match="psi measures categories too"):
        look(site, **given, metric="ks")


def test_vectors_of_probabilities_are_no_predictions_of_one_column(site: Site) -> None:
    held = site.baseline({"x": [1.0, 2.0], "y": [0, 1]}, label="y")
    site.capture({"instances": [[1]]}, response=b'{"predictions": [[0.1, 0.9]]}')
    with pytest.raises(MeasureFailed, match="no single values"):
        look(site, signal="prediction-drift", baseline=held)


def test_a_baseline_without_a_word_on_predictions(site: Site) -> None:
    held = site.baseline({"x": [1.0, 2.0]})
    with pytest.raises(MeasureFailed, match="says of no column that it holds"):
        look(site, signal="prediction-drift", baseline=held)


def test_quality(site: Site) -> None:
    held = site.baseline({"age": np.arange(100.0), "city": ["rome", "oslo"] * 50})
    rows = [
        {"age": 30, "city": "rome"},
        {"age": None, "city": "oslo"},
        {"age": "old", "city": "rome"},
        {"age": 200, "city": "paris"},
    ]
    site.capture({"instances": rows * 50}, {"instances": [["too short"]]})
    site.capture(b"not JSON", status=400)
    site.capture(b"whatever", status=503)

    def rates(metric: str) -> dict[str, float]:
        found = look(site, signal="data-quality", metric=metric, baseline=held)
        assert found.samples == 202
        assert found.value == found.columns[0]["value"]
        return {row["name"]: row["value"] for row in found.columns}

    assert rates("null-rate") == {"age": 0.25, "city": 0}
    assert rates("type-error-rate") == {
        "age": 0.25,
        "city": 0,
        "(rows that cannot be read)": pytest.approx(2 / 202),
    }
    assert rates("out-of-bounds-rate") == {"age": 0.5, "city": 0.25}


def test_all_null_and_constant_columns(site: Site) -> None:
    held = site.baseline({"same": [7.0] * 300, "gone": np.arange(300.0)})
    site.capture({"instances": [{"same": 7, "gone": None}] * 200})
    found = look(site, baseline=held)
    assert found.value == 0.0
    assert found.notes == ["without a value in the baseline or in the window: gone"]


def test_a_baseline_that_is_no_table(site: Site) -> None:
    held = site.baseline({"x": [1.0]}, "x.txt")
    with pytest.raises(MeasureFailed, match="cannot be read"):
        look(site, baseline=held)
