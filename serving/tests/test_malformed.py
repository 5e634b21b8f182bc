"""Every way to send a bad request is a 4xx that names the field, and the server goes on."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

JSON = "application/json"
INFER = "/v2/models/digits/infer"


def tensor(**changes: Any) -> bytes:
    good = {"name": "x", "datatype": "FP64", "shape": [1, 64], "data": [0.5] * 64}
    made = {key: value for key, value in {**good, **changes}.items() if value is not ...}
    return json.dumps({"inputs": [made]}).encode()


def rows(value: Any) -> bytes:
    return json.dumps({"instances": value}).encode()


CASES = {
    "no json": ("/predict", JSON, b"{oops", 400, "body", "not valid JSON"),
    "empty body": ("/predict", JSON, b"", 400, "body", "empty"),
    "not utf-8": ("/predict", JSON, b'{"instances": "\xff"}', 400, "body", "not valid JSON"),
    "NaN": ("/predict", JSON, b'{"instances": [[NaN]]}', 400, "body", "not valid JSON"),
    "too deep": ("/predict", JSON, b"[" * 90000, 400, "body", "not valid JSON"),
    "a bare list": ("/predict", JSON, b"[[1, 2]]", 400, "instances", "instances"),
    "instances missing": ("/predict", JSON, b"{}", 400, "instances", "instances"),
    "instances no list": ("/predict", JSON, rows("abc"), 400, "instances", "list"),
    "no rows": ("/predict", JSON, rows([]), 400, "instances", "at least one"),
    "too few features": ("/predict", JSON, rows([[1.0] * 63]), 400, "instances[0]", "64 features, got 63"),
    "ragged rows": ("/predict", JSON, rows([[1, 2], [1]]), 400, "instances[0]", "64 features, got 2"),
    "single values": ("/predict", JSON, rows([1, 2]), 400, "instances[0]", "rows of 64"),
    "three dimensions": ("/predict", JSON, rows([[[1] * 64]]), 400, "instances[0]", "[1, 1, 64]"),
    "words": ("/predict", JSON, rows([["a"] * 64]), 400, "instances[0][0]", '"a" is no number'),
    "nulls": ("/predict", JSON, rows([[None] * 64]), 400, "instances[0][0]", "NaN"),
    "records": ("/predict", JSON, rows([{"a": 1}]), 400, "instances[0]", "without column names"),
    "mixed rows": ("/predict", JSON, rows([[1], {"a": 1}]), 400, "instances[1]", "object"),
    "mixed records": ("/predict", JSON, rows([{"a": 1}, [1]]), 400, "instances[1]", "no object"),
    "records that differ": ("/predict", JSON, rows([{"a": 1}, {"b": 1}]), 400, "instances[1]", "'a', 'b'"),
    "form": (
        "/predict",
        "application/x-www-form-urlencoded",
        b"a=1",
        415,
        "content-type",
        "application/json",
    ),
    "charset": ("/predict", JSON + "; charset=utf-16", b"{}", 415, "content-type", "UTF-8"),
    "csv, empty": ("/predict", "text/csv", b"\n\n", 400, "body", "empty"),
    "csv, ragged": ("/predict", "text/csv", b"1,2\n3\n", 400, "body", "row 2 has 1"),
    "csv, narrow": ("/predict", "text/csv", b"1,2\n", 400, "body", "64 features, got 2"),
    "csv, quote": ("/predict", "text/csv", b'"1,2\n', 400, "body", "not valid CSV"),
    "csv, header only": ("/predict", "text/csv; header=present", b"a,b\n", 400, "body", "no rows"),
    "csv, header twice": ("/predict", "text/csv; header=present", b"a,a\n1,2\n", 400, "body", "'a' twice"),
    "csv, odd parameter": (
        "/predict",
        "text/csv; header=maybe",
        b"1\n",
        400,
        "content-type",
        "present or absent",
    ),
    "v2 no object": (INFER, JSON, b"[]", 400, "body", "object"),
    "v2 no inputs": (INFER, JSON, b"{}", 400, "inputs", "at least one"),
    "v2 input no object": (INFER, JSON, b'{"inputs": [1]}', 400, "inputs[0]", "object"),
    "v2 name": (INFER, JSON, tensor(name=3), 400, "inputs[0].name", "text"),
    "v2 datatype": (INFER, JSON, tensor(datatype="FP128"), 400, "inputs[0].datatype", "FP64"),
    "v2 datatype missing": (INFER, JSON, tensor(datatype=...), 400, "inputs[0].datatype", "None"),
    "v2 datatype a list": (INFER, JSON, tensor(datatype=["FP64"]), 400, "inputs[0].datatype", "unknown"),
    "v2 shape": (INFER, JSON, tensor(shape=[2, 64]), 400, "inputs[0].shape", "128 values, data has 64"),
    "v2 shape negative": (INFER, JSON, tensor(shape=[-1, 64]), 400, "inputs[0].shape", "whole numbers"),
    "v2 shape missing": (INFER, JSON, tensor(shape=...), 400, "inputs[0].shape", "whole numbers"),
    "v2 shape flat": (INFER, JSON, tensor(shape=[64]), 400, "inputs[0].shape", "rows of 64"),
    "v2 shape turned": (
        *(INFER, JSON, tensor(shape=[64, 1], data=[[0.5] * 64])),
        *(400, "inputs[0].shape", "[1, 64]"),
    ),
    "v2 features": (INFER, JSON, tensor(shape=[2, 32]), 400, "inputs[0].shape", "64 features, got 32"),
    "v2 data missing": (INFER, JSON, tensor(data=...), 400, "inputs[0].data", "list"),
    "v2 binary": (
        *(INFER, JSON, tensor(data=..., parameters={"binary_data_size": 512})),
        *(400, "inputs[0].data", "binary"),
    ),
    "v2 ragged": (INFER, JSON, tensor(data=[[1], [2, 3]]), 400, "inputs[0].data", "length"),
    "v2 words": (INFER, JSON, tensor(data=["a"] * 64), 400, "inputs[0].data", "FP64"),
    "v2 fractions": (INFER, JSON, tensor(datatype="INT64"), 400, "inputs[0].data", "INT64"),
    "v2 range": (INFER, JSON, tensor(datatype="INT8", data=[300] * 64), 400, "inputs[0].data", "INT8"),
    "v2 float range": (INFER, JSON, tensor(datatype="FP32", data=[1e39] * 64), 400, "inputs[0].data", "FP32"),
    "v2 bool": (INFER, JSON, tensor(datatype="BOOL"), 400, "inputs[0].data", "BOOL"),
    "v2 id": (INFER, JSON, b'{"id": 7}', 400, "id", "text"),
    "v2 csv": (INFER, "text/csv", b"1\n", 415, "content-type", "application/json"),
    "v2 twice": (
        *(INFER, JSON, b'{"inputs": [' + tensor()[12:-2] + b", " + tensor()[12:-2] + b"]}"),
        *(400, "inputs[1].name", "twice"),
    ),
    "v2 outputs": (INFER, JSON, tensor()[:-1] + b', "outputs": 3}', 400, "outputs", "list"),
    "v2 output name": (INFER, JSON, tensor()[:-1] + b', "outputs": [{}]}', 400, "outputs[0].name", "text"),
    "v2 output unknown": (
        *(INFER, JSON, tensor()[:-1] + b', "outputs": [{"name": "odds"}]}'),
        *(400, "outputs[0].name", "predict_proba"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_refused_with_the_field(digits_server: Any, case: str) -> None:
    route, content_type, body, status, field, part = CASES[case]
    answer = digits_server.post(route, data=body, headers={"content-type": content_type})
    assert answer.headers["content-type"] == JSON
    error = answer.json()
    assert (answer.status_code, error["field"]) == (status, field), error
    assert part in error["error"]
    assert "Traceback" not in answer.text


def test_compressed_bodies_are_refused(digits_server: Any) -> None:
    headers = {"content-type": JSON, "content-encoding": "gzip"}
    answer = digits_server.post("/predict", data=b"\x1f\x8b", headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (415, "content-encoding")


def test_no_content_type_means_json(digits_server: Any) -> None:
    answer = digits_server.post("/predict", data=rows([[0.5] * 64]), headers={"content-type": None})
    assert answer.status_code == 200


def test_a_declared_length_over_the_limit_is_refused_before_the_body_is_sent(digits_server: Any) -> None:
    connection = http.client.HTTPConnection(urlsplit(digits_server.url).netloc, timeout=120)
    connection.putrequest("POST", "/predict")
    connection.putheader("content-type", JSON)
    connection.putheader("content-length", "200001")
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["field"]) == (413, "body")
    connection.close()


def test_a_chunked_body_over_the_limit_is_refused(digits_server: Any) -> None:
    answer = digits_server.post("/predict", data=iter([b"x" * 50000] * 5), headers={"content-type": JSON})
    assert answer.status_code == 413
    again = digits_server.post("/predict", data=rows([[0.5] * 64]), headers={"content-type": JSON})
    assert again.status_code == 200
