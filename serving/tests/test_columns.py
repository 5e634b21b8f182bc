"""A model trained on named columns gets them by name, in whatever order and form they are sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

Wine = tuple[Path, Any, Any]


def test_records_in_another_order(wine_server: Any, wine: Wine) -> None:
    _, model, table = wine
    turned = table[["hue", "alcohol", "malic_acid"]]
    answer = wine_server.post("/predict", json={"instances": turned[:20].to_dict(orient="records")})
    assert answer.json() == {"predictions": model.predict(table[:20]).tolist()}


def test_rows_without_names_are_in_the_models_order(wine_server: Any, wine: Wine) -> None:
    _, model, table = wine
    answer = wine_server.post("/predict", json={"instances": table[:20].to_numpy().tolist()})
    assert answer.json() == {"predictions": model.predict(table[:20]).tolist()}
    assert "feature names" not in wine_server.log.read_text()  # no warning: a table was handed over


def test_v2_inputs_are_columns(wine_server: Any, wine: Wine) -> None:
    _, model, table = wine
    inputs = [
        {"name": name, "datatype": "FP64", "shape": shape, "data": table[name][:7].tolist()}
        for name, shape in (("hue", [7]), ("alcohol", [7, 1]), ("malic_acid", [7]))
    ]
    answer = wine_server.post("/v2/models/model/infer", json={"inputs": inputs}).json()
    assert answer["outputs"][0]["data"] == model.predict(table[:7]).tolist()
    lone = wine_server.post("/v2/models/model/infer", json={"inputs": inputs[:2]})
    assert lone.json()["error"] == "missing columns: 'malic_acid'"
    inputs[0].update(shape=[6], data=inputs[0]["data"][:6])
    short = wine_server.post("/v2/models/model/infer", json={"inputs": inputs})
    assert short.status_code == 400
    assert "'hue': 6" in short.json()["error"]
    inputs[0].update(shape=[3, 2])
    wide = wine_server.post("/v2/models/model/infer", json={"inputs": inputs})
    assert "'hue' must hold one value per row" in wide.json()["error"]


@pytest.mark.parametrize("content_type", ["text/csv", "text/csv; header=present"])
def test_csv_with_a_header(wine_server: Any, wine: Wine, content_type: str) -> None:
    _, model, table = wine
    body = table[["hue", "malic_acid", "alcohol"]][:9].to_csv(index=False)
    answer = wine_server.post("/predict", data=body, headers={"content-type": content_type})
    assert answer.json() == {"predictions": model.predict(table[:9]).tolist()}


def test_csv_without_a_header(wine_server: Any, wine: Wine) -> None:
    _, model, table = wine
    body = table[:9].to_csv(index=False, header=False)
    answer = wine_server.post("/predict", data=body, headers={"content-type": "text/csv"})
    assert answer.json() == {"predictions": model.predict(table[:9]).tolist()}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"instances": [{"alcohol": 1, "hue": 2, "malic": 3}]}', "application/json"),
        ("alcohol,hue,malic\n1,2,3\n", "text/csv"),
    ],
)
def test_missing_and_unknown_columns_are_both_named(wine_server: Any, body: str, content_type: str) -> None:
    answer = wine_server.post("/predict", data=body, headers={"content-type": content_type})
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        "missing columns: 'malic_acid'; unknown columns: 'malic' (did you mean 'malic_acid'?)"
    )


def test_metadata_lists_the_columns(wine_server: Any) -> None:
    assert wine_server.get("/v2/models/model").json()["parameters"] == {
        "columns": ["alcohol", "malic_acid", "hue"]
    }
