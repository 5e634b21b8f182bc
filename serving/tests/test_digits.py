"""Answers over HTTP equal the same model called in this process, on every route."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

Digits = tuple[Path, Any, Any]


@pytest.mark.parametrize("route", ["/", "/predict"])
def test_instances_give_the_models_own_predictions(digits_server: Any, digits: Digits, route: str) -> None:
    _, model, images = digits
    answer = digits_server.post(route, json={"instances": images[:50].tolist()})
    assert answer.status_code == 200
    assert answer.json() == {"predictions": model.predict(images[:50]).tolist()}


@pytest.mark.parametrize(("datatype", "tolerance"), [("FP64", 0.0), ("FP32", 1e-5)])
def test_v2_infer_returns_typed_tensors(
    digits_server: Any, digits: Digits, datatype: str, tolerance: float
) -> None:
    _, model, images = digits
    tensor = {"name": "pixels", "datatype": datatype, "shape": [5, 64], "data": images[:5].ravel().tolist()}
    message = {"id": "a-7", "inputs": [tensor], "outputs": [{"name": "predict"}, {"name": "predict_proba"}]}
    answer = digits_server.post("/v2/models/digits/infer", json=message).json()
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("digits", "7", "a-7")
    labels, odds = answer["outputs"]
    assert labels == {
        "name": "predict",
        "datatype": "INT64",
        "shape": [5],
        "data": model.predict(images[:5]).tolist(),
    }
    assert (odds["datatype"], odds["shape"]) == ("FP64", [5, 10])
    expected = model.predict_proba(images[:5]).ravel()
    assert np.allclose(odds["data"], expected, rtol=0, atol=tolerance)


def test_v2_data_may_be_nested(digits_server: Any, digits: Digits) -> None:
    _, model, images = digits
    tensor = {"name": "x", "datatype": "FP64", "shape": [3, 64], "data": images[:3].tolist()}
    answer = digits_server.post("/v2/models/digits/infer", json={"inputs": [tensor]}).json()
    assert answer["outputs"][0]["data"] == model.predict(images[:3]).tolist()
    assert "id" not in answer


def test_csv_rows_without_a_header(digits_server: Any, digits: Digits) -> None:
    _, model, images = digits
    body = "\n".join(",".join(map(repr, row)) for row in images[:4].tolist())
    answer = digits_server.post("/predict", data=body, headers={"content-type": "text/csv; charset=utf-8"})
    assert answer.json() == {"predictions": model.predict(images[:4]).tolist()}


def test_csv_with_a_header_for_a_model_without_names(digits_server: Any, digits: Digits) -> None:
    _, model, images = digits
    header = ",".join(f"p{index}" for index in range(64))
    body = "\n".join([header, *(",".join(map(repr, row)) for row in images[:4].tolist())])
    answer = digits_server.post("/predict", data=body, headers={"content-type": "text/csv"})
    assert answer.json() == {"predictions": model.predict(images[:4]).tolist()}
    short = digits_server.post("/predict", data="a,b\n1,2\n", headers={"content-type": "text/csv"})
    assert short.json() == {"error": "the model expects 64 features, got 2", "field": "body"}


def test_a_body_in_chunks(digits_server: Any, digits: Digits) -> None:
    _, model, images = digits
    body = json.dumps({"instances": images[:4].tolist()}).encode()
    chunks = iter([body[:100], body[100:101], body[101:]])
    answer = digits_server.post("/predict", data=chunks, headers={"content-type": "application/json"})
    assert answer.json() == {"predictions": model.predict(images[:4]).tolist()}


def test_a_caller_that_goes_away_leaves_no_trace(digits_server: Any) -> None:
    host, port = digits_server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as caller:
        caller.sendall(b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    end = time.monotonic() + 120
    while 'in_flight{model="digits"} 1\n' not in digits_server.get("/metrics").text:
        assert time.monotonic() < end, "the broken request is still counted"
    assert "Traceback" not in digits_server.log.read_text()


def test_metadata_and_health(digits_server: Any) -> None:
    assert digits_server.get("/v2/health/live").json() == {"live": True}
    assert digits_server.get("/v2/health/ready").json() == {"ready": True}
    assert digits_server.get("/v2/models/digits/ready").json() == {"name": "digits", "ready": True}
    assert digits_server.get("/v2").json()["name"] == "mlstack_serving"
    metadata = digits_server.get("/v2/models/digits").json()
    assert metadata["platform"] == "sklearn"
    assert metadata["versions"] == ["7"]
    assert metadata["inputs"] == [{"name": "input-0", "datatype": "FP64", "shape": [-1, 64]}]
    assert {"name": "predict", "datatype": "INT64", "shape": [-1]} in metadata["outputs"]
    assert {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 10]} in metadata["outputs"]


def test_unknown_paths_and_methods(digits_server: Any) -> None:
    lost = digits_server.get("/v2/models/other")
    assert lost.status_code == 404
    assert "'other'" in lost.json()["error"]
    assert "'digits'" in lost.json()["error"]
    assert digits_server.get("/nowhere").status_code == 404
    wrong = digits_server.get("/predict")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    head = requests.head(digits_server.url + "/v2/health/live", timeout=120)
    assert (head.status_code, head.content) == (200, b"")


def test_request_id_is_taken_or_made(digits_server: Any) -> None:
    given = digits_server.get("/v2/health/live", headers={"x-request-id": "trace-42"})
    assert given.headers["x-request-id"] == "trace-42"
    made = [digits_server.get("/v2/health/live").headers["x-request-id"] for _ in range(2)]
    assert made[0] != made[1]
    strange = digits_server.get("/v2/health/live", headers={"x-request-id": "two words"})
    assert strange.headers["x-request-id"] != "two words"


def test_access_log_has_a_json_line_per_request(digits_server: Any) -> None:
    digits_server.get("/v2/health/live", headers={"x-request-id": "look-for-me"})
    found = digits_server.wait_for_log(r'(?m)^\{.*"look-for-me".*\}$')
    line = json.loads(found.group(0))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v2/health/live", 200)
    assert line["ms"] > 0


def test_metrics_count_what_was_answered(digits_server: Any) -> None:
    def value(sample: str) -> float:
        lines = digits_server.get("/metrics").text.splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(sample)), 0.0)

    bad = 'mlstack_requests_total{model="digits",route="/predict",status="400"}'
    other = 'mlstack_requests_total{model="digits",route="other",status="404"}'
    count = 'mlstack_request_duration_seconds_count{model="digits",route="/predict"}'
    before = value(bad), value(other), value(count)
    for _ in range(3):
        digits_server.post("/predict", json={})
    digits_server.get("/nowhere/at/all")
    assert (value(bad), value(other), value(count)) == (before[0] + 3, before[1] + 1, before[2] + 3)
    slowest = 'mlstack_request_duration_seconds_bucket{model="digits",route="/predict",le="+Inf"}'
    assert value(slowest) == value(count)
    assert value("mlstack_model_load_seconds") > 0
    assert value("mlstack_requests_in_flight") == 1  # the request for the metrics itself
