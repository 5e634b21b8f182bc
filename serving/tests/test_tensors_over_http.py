"""A tensor of any datatype that goes through the server comes back bit for bit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from serving.tests.contracts.container import Container

FLOATS = {"FP16": 16, "FP32": 32, "FP64": 64}
INTEGERS = {f"{sign}INT{bits}": (sign, bits) for sign in ("", "U") for bits in (8, 16, 32, 64)}
DATATYPES = ["BOOL", "BYTES", *FLOATS, *INTEGERS]


def values(datatype: str) -> st.SearchStrategy[Any]:
    if datatype == "BOOL":
        return st.booleans()
    if datatype == "BYTES":
        return st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    if datatype in FLOATS:
        finite = st.floats(width=FLOATS[datatype], allow_nan=False, allow_infinity=False)
        return finite | st.none()  # null is NaN, in both directions
    sign, bits = INTEGERS[datatype]
    low, high = (0, 2**bits - 1) if sign else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return st.integers(low, high) | st.sampled_from([low, high])


@st.composite
def tensors(draw: st.DrawFn) -> tuple[str, list[int], list[Any], bool]:
    datatype = draw(st.sampled_from(DATATYPES))
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    size = math.prod(shape)
    data = draw(st.lists(values(datatype), min_size=size, max_size=size))
    return datatype, shape, data, draw(st.booleans())


def nest(data: list[Any], shape: list[int]) -> list[Any]:
    for size in reversed(shape[1:]):
        data = [data[i : i + size] for i in range(0, len(data), size)]
    return data


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = Container(tmp_path_factory.mktemp("tensors"))
    server = made.start("--code", made.code("def run(data):\n    return data\n"), "--port", "0").wait_ready()
    yield f"{server.url}/v2/models/model/infer"
    made.stop()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)
@given(tensor=tensors())
@example(tensor=("FP64", [2], [-0.0, 5e-324], False))
@example(tensor=("FP64", [1], [1.7976931348623157e308], False))
@example(tensor=("FP16", [2], [65504.0, 6e-08], True))
@example(tensor=("INT64", [1, 2], [-(2**63), 2**63 - 1], True))
@example(tensor=("UINT64", [1], [2**64 - 1], False))
@example(tensor=("BYTES", [3], ["", "\x00", "\U0001f600 \u2028"], False))
def test_comes_back_as_it_was(
    url: str, session: requests.Session, tensor: tuple[str, list[int], list[Any], bool]
) -> None:
    datatype, shape, data, nested = tensor
    sent = nest(data, shape) if nested else data
    body = {"inputs": [{"name": "x", "datatype": datatype, "shape": shape, "data": sent}]}
    answer = session.post(url, json=body, timeout=120)
    assert answer.status_code == 200, answer.text
    (output,) = answer.json()["outputs"]
    assert (output["datatype"], output["shape"]) == (datatype, shape)
    if datatype in FLOATS:
        kind = f"f{FLOATS[datatype] // 8}"
        assert np.array(output["data"], kind).tobytes() == np.array(data, kind).tobytes()
        assert [value is None for value in output["data"]] == [value is None for value in data]
    else:
        assert output["data"] == data
        assert [type(value) for value in output["data"]] == [type(value) for value in data]


@settings(max_examples=20, deadline=None, suppress_health_check=CHECKS)
@given(parts=st.lists(tensors(), min_size=2, max_size=4), rows=st.integers(1, 3))
def test_several_tensors_keep_their_names(
    url: str, session: requests.Session, parts: list[tuple[str, list[int], list[Any], bool]], rows: int
) -> None:
    inputs = []
    for i, (datatype, shape, data, _) in enumerate(parts):
        one = data[: math.prod(shape[1:])]  # the first row, as often as there are rows
        inputs.append(
            {"name": f"t{i}", "datatype": datatype, "shape": [rows, *shape[1:]], "data": one * rows}
        )
    answer = session.post(url, json={"inputs": inputs}, timeout=120)
    assert answer.status_code == 200, answer.text
    outputs = {item["name"]: item for item in answer.json()["outputs"]}
    assert list(outputs) == [item["name"] for item in inputs]
    for item in inputs:
        said = outputs[item["name"]]
        assert (said["datatype"], said["shape"]) == (item["datatype"], item["shape"])
        if item["datatype"] not in FLOATS:
            assert said["data"] == item["data"]
