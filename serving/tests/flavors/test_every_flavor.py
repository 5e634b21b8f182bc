"""What a model answers over HTTP is what it answers in its own process: every flavor, 100 random rows.

The models are trained, and asked, in environments of their own (``serving/tests/environments``); there
the server runs too, one for each case. What needs torch, an environment of 5 GB, is run by `make soak`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from serving.tests import environments
from serving.tests.conftest import Server

HERE = Path(__file__).parent
COLUMNS = ["length", "width", "depth"]


@dataclass(frozen=True)
class Case:
    """A model and where it is served; ``tolerance`` is relative, where rows of another number may differ."""

    model: str
    maker: str
    environment: str = ""
    args: tuple[str, ...] = ()
    datatype: str = "FP64"
    columns: list[str] = field(default_factory=list)
    tolerance: float = 0.0

    @property
    def serves(self) -> str:
        return self.environment or self.maker


CASES = {
    "sklearn-joblib": Case("sklearn-joblib", "light"),
    "sklearn-skops": Case("sklearn-skops", "light"),
    "xgboost-json": Case("xgboost-json", "light", datatype="FP32"),
    "xgboost-ubj": Case("xgboost-ubj", "light", datatype="FP32"),
    "lightgbm-txt": Case("lightgbm-txt", "light"),
    "onnx": Case("onnx", "light", datatype="FP32", tolerance=1e-5),
    "mlflow": Case("mlflow-default", "mlflow", columns=COLUMNS),
    "mlflow-default-without": Case("mlflow-default", "mlflow", "light", columns=COLUMNS),
    "mlflow-pickle-without": Case("mlflow-pickle", "mlflow", "light", columns=COLUMNS),
    "pytorch-pt2": Case("pytorch-pt2", "torch", datatype="FP32", tolerance=1e-5),
    "pytorch-torchscript": Case("pytorch-torchscript", "torch", datatype="FP32", tolerance=1e-5),
    "script": Case("weights", "light", args=("--code", str(HERE / "code")), tolerance=1e-12),
    "class": Case(
        "weights", "light", args=("--code", str(HERE / "code"), "--script", "scaled.py"), tolerance=1e-12
    ),
}


@dataclass
class Served:
    case: Case
    server: Server
    rows: np.ndarray
    expected: dict[str, np.ndarray]

    @property
    def route(self) -> str:
        return "/v2/models/model/infer"

    def infer(self, rows: np.ndarray, **more: Any) -> dict[str, np.ndarray]:
        """The outputs of an inference request; named columns go as one tensor each."""
        if self.case.columns:
            parts = [(name, rows[:, i]) for i, name in enumerate(self.case.columns)]
        else:
            parts = [("x", rows)]
        inputs = [
            {"name": name, "datatype": self.case.datatype, "shape": list(part.shape), "data": part.tolist()}
            for name, part in parts
        ]
        answer = self.session.post(self.url + self.route, json={"inputs": inputs, **more}, timeout=120)
        assert answer.status_code == 200, answer.text
        return {item["name"]: tensor(item) for item in answer.json()["outputs"]}

    def __post_init__(self) -> None:
        self.url = self.server.url
        self.session = requests.Session()


NUMPY = {"FP16": "f2", "FP32": "f4", "FP64": "f8", "BOOL": "?", "BYTES": "U"} | {
    f"{sign}INT{bits}": f"{'u' if sign else 'i'}{bits // 8}" for sign in ("", "U") for bits in (8, 16, 32, 64)
}


def tensor(item: dict[str, Any]) -> np.ndarray:
    """A tensor of an answer; a value that its datatype does not hold fails here."""
    made = np.array(item["data"]).reshape(item["shape"])
    return made.astype(NUMPY[item["datatype"]])


def weights(folder: Path) -> tuple[Path, np.ndarray, np.ndarray]:
    """The model of the code of one's own: numbers to multiply by."""
    draw = np.random.default_rng(3)
    factors, rows = draw.normal(size=(4, 2)), draw.normal(size=(100, 4))
    np.save(folder / "weights.npy", factors)
    return folder, rows, rows @ factors


def marked(name: str) -> Any:
    return pytest.param(name, marks=pytest.mark.soak) if CASES[name].serves == "torch" else name


@pytest.fixture(scope="module", params=[marked(name) for name in CASES])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    case = CASES[request.param]
    scratch = tmp_path_factory.mktemp(request.param)
    if case.model == "weights":
        (scratch / "model").mkdir()
        model, rows, numbers = weights(scratch / "model")
        expected = {"predict": numbers}
    else:
        root = environments.made(case.maker, HERE / f"make_{case.maker}.py")
        model = root / case.model
        with np.load(root / f"{case.model}.npz") as kept:
            rows, expected = kept["x"], {name: kept[name] for name in kept.files if name != "x"}
    server = Server(
        scratch / "log",
        *("--model", str(model), "--port", "0", *case.args),
        env=environments.variables(),
        python=environments.python(case.serves),
    )
    try:
        yield Served(case, server.wait_ready(), rows, expected)
    finally:
        server.stop()


def same(got: Any, expected: np.ndarray, tolerance: float) -> None:
    made = np.asarray(got)
    assert made.shape == expected.shape
    if expected.dtype.kind in "fc":
        np.testing.assert_allclose(made.astype(expected.dtype), expected, rtol=tolerance, atol=tolerance)
    else:
        assert made.tolist() == expected.tolist()


def test_an_inference_request_of_all_rows(served: Served) -> None:
    outputs = served.infer(served.rows)
    if served.case.model != "sklearn-skops":
        assert list(outputs) == list(served.expected)
    for name, values in outputs.items():
        same(values, served.expected[name], served.case.tolerance)


def test_an_inference_request_for_a_row_at_a_time(served: Served) -> None:
    got: dict[str, list[np.ndarray]] = {}
    for row in served.rows[:10]:
        for name, values in served.infer(row[None]).items():
            assert len(values) == 1
            got.setdefault(name, []).append(values)
    for name, rows in got.items():
        same(np.concatenate(rows), served.expected[name][:10], served.case.tolerance)


def test_the_answer_has_the_models_own_type(served: Served) -> None:
    for name, values in served.infer(served.rows).items():
        kind = served.expected[name].dtype
        assert values.dtype.kind == kind.kind
        if kind.kind in "fiu":
            assert values.dtype == kind


def test_instances(served: Served) -> None:
    rows: list[Any] = served.rows.tolist()
    if served.case.columns:
        rows = [dict(zip(served.case.columns, row, strict=True)) for row in rows]
    check_predictions(served, served.server.post("/predict", json={"instances": rows}))


def test_csv(served: Served) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    if served.case.columns:
        writer.writerow(served.case.columns)
    writer.writerows(served.rows.tolist())
    headers = {"content-type": "text/csv"}
    check_predictions(served, served.server.post("/predict", data=text.getvalue(), headers=headers))


@pytest.mark.parametrize("served", [name for name, case in CASES.items() if case.columns], indirect=True)
def test_columns_in_another_order(served: Served) -> None:
    assert [item["name"] for item in served.server.get("/v2/models/model").json()["inputs"]] == COLUMNS
    rows = [dict(reversed(list(zip(COLUMNS, row, strict=True)))) for row in served.rows.tolist()]
    check_predictions(served, served.server.post("/predict", json={"instances": rows}))
    missing = served.server.post("/predict", json={"instances": [{"length": 1.0, "width": 2.0}]})
    assert missing.status_code == 400
    assert "depth" in missing.text


def check_predictions(served: Served, answer: requests.Response) -> None:
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert set(said) == {"predictions"}
    predictions = said["predictions"]
    assert len(predictions) == len(served.rows)
    if isinstance(predictions[0], dict):
        for name, values in served.expected.items():
            same([row[name] for row in predictions], values, served.case.tolerance)
    else:
        same(predictions, next(iter(served.expected.values())), served.case.tolerance)


@pytest.mark.parametrize("served", ["sklearn-skops"], indirect=True)
def test_probabilities_on_request(served: Served) -> None:
    outputs = served.infer(served.rows, outputs=[{"name": "predict_proba"}, {"name": "predict"}])
    assert list(outputs) == ["predict_proba", "predict"]
    for name, values in outputs.items():
        same(values, served.expected[name], 1e-12)


def test_the_metadata_is_what_a_client_needs(served: Served) -> None:
    said = served.server.get("/v2/models/model").json()
    assert said["name"] == "model"
    assert isinstance(said["platform"], str)
    if not served.case.args:
        assert {item["name"] for item in said["outputs"]} >= set(served.expected)
    for item in [*said["inputs"], *said["outputs"]]:
        assert set(item) >= {"name", "datatype", "shape"}
        assert all(isinstance(size, int) for size in item["shape"])


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str], list[Any]]]:
    root = environments.made("torch", HERE / "make_torch.py")
    made = json.loads((root / "huggingface.json").read_text())
    server = Server(
        tmp_path_factory.mktemp("huggingface") / "log",
        *("--model", str(root / "huggingface"), "--port", "0"),
        env=environments.variables(),
        python=environments.python("torch"),
    )
    try:
        yield server.wait_ready(), made["x"], made["expected"]
    finally:
        server.stop()


def same_labels(got: list[Any], expected: list[Any]) -> None:
    assert [item["label"] for item in got] == [item["label"] for item in expected]
    for mine, theirs in zip(got, expected, strict=True):
        assert mine["score"] == pytest.approx(theirs["score"], rel=1e-5)


@pytest.mark.soak
def test_huggingface_instances(texts: tuple[Server, list[str], list[Any]]) -> None:
    server, asked, expected = texts
    same_labels(server.post("/predict", json={"instances": asked}).json()["predictions"], expected)


@pytest.mark.soak
def test_huggingface_inference_request(texts: tuple[Server, list[str], list[Any]]) -> None:
    server, asked, expected = texts
    body = {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [len(asked)], "data": asked}]}
    answer = server.post("/v2/models/model/infer", json=body)
    assert answer.status_code == 200, answer.text
    outputs = {item["name"]: item for item in answer.json()["outputs"]}
    assert outputs["label"]["datatype"] == "BYTES"
    assert outputs["score"]["datatype"] in ("FP32", "FP64")
    rows = zip(outputs["label"]["data"], outputs["score"]["data"], strict=True)
    same_labels([{"label": label, "score": score} for label, score in rows], expected)


@pytest.mark.soak
def test_huggingface_csv(texts: tuple[Server, list[str], list[Any]]) -> None:
    server, asked, expected = texts
    headers = {"content-type": "text/csv; header=absent"}
    answer = server.post("/predict", data="\n".join(asked), headers=headers)
    assert answer.status_code == 200, answer.text
    same_labels(answer.json()["predictions"], expected)
