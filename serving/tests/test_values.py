"""Values on their way in and out: tensors, CSV, rows and results, without a server."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from mlstack_serving import BadInput, codec, forms, results
from mlstack_serving.batch import as_array
from mlstack_serving.tables import from_csv
from mlstack_serving.tensors import DATATYPES, read_inputs, write_output


@pytest.mark.parametrize("datatype", DATATYPES)
def test_a_tensor_of_every_type_comes_back_as_it_was(datatype: str) -> None:
    data: list[Any] = [1, 0, 1, 1]
    if datatype == "BOOL":
        data = [True, False, True, True]
    elif datatype == "BYTES":
        data = ["a", "ä", "", "d e"]
    elif datatype.startswith("FP"):
        data = [0.5, -1.0, 0.0, 2.0]
    batch = read_inputs([{"name": "x", "datatype": datatype, "shape": [2, 2], "data": data}])
    assert str(batch.rows.dtype) == DATATYPES[datatype]
    assert write_output("x", batch.rows) == {"name": "x", "datatype": datatype, "shape": [2, 2], "data": data}


def test_null_in_a_float_tensor_is_nan_and_back() -> None:
    batch = read_inputs([{"name": "x", "datatype": "FP32", "shape": [2], "data": [None, 1]}])
    assert np.isnan(batch.rows[0])
    assert json.loads(codec.dumps(write_output("x", batch.rows)))["data"] == [None, 1.0]


def test_an_empty_tensor_keeps_its_type() -> None:
    batch = read_inputs([{"name": "x", "datatype": "INT16", "shape": [0, 3], "data": []}])
    assert (batch.rows.shape, str(batch.rows.dtype)) == ((0, 3), "int16")


@pytest.mark.parametrize(
    ("datatype", "data"),
    [
        ("UINT8", [-1]),
        ("UINT64", [2**64]),
        ("INT64", [2**63]),
        ("INT32", [2**31]),
        ("FP16", [70000]),
        ("INT64", [True]),
        ("BOOL", [1]),
        ("BYTES", [1]),
        ("FP64", [None, "a"]),
    ],
)
def test_values_out_of_their_type_are_refused(datatype: str, data: list[Any]) -> None:
    with pytest.raises(BadInput) as caught:
        read_inputs([{"name": "x", "datatype": datatype, "shape": [len(data)], "data": data}])
    assert caught.value.field == "inputs[0].data"
    assert datatype in str(caught.value)


def test_rows_keep_the_type_of_each_value() -> None:
    assert as_array([[1, "1"], [2.5, None]]).tolist() == [[1, "1"], [2.5, None]]
    numbers = as_array([[1, None], [2, 3]])
    assert numbers.dtype == float
    assert np.isnan(numbers[0, 1])
    assert as_array([[1], [1, 2]]) == [[1], [1, 2]]


def test_records_become_columns() -> None:
    batch = forms.read({"instances": [{"age": 3, "name": "x"}, {"age": None, "name": "y"}]})
    assert batch.named
    assert batch.tensors["name"].tolist() == ["x", "y"]
    assert np.isnan(batch.tensors["age"][1])


@pytest.mark.parametrize(
    ("text", "columns", "names"),
    [
        ("a,b\n1,2\n", None, ["a", "b"]),
        ("1,2\n3,4\n", None, None),
        ("red,round\nblue,square\n", None, None),  # text all over: no way to tell
        ("red,round\nblue,square\n", ["colour", "shape"], None),
        ("colour,form\nblue,square\n", ["colour", "shape"], ["colour", "form"]),
        ("a,b\n", None, None),
        ("\ufeffa, b\n1,x\n", None, ["a", "b"]),
    ],
)
def test_a_header_is_found(text: str, columns: list[str] | None, names: list[str] | None) -> None:
    batch = from_csv(text.encode(), columns, None)
    assert (list(batch.tensors) if batch.named else None) == names


def test_csv_columns_are_typed() -> None:
    batch = from_csv(b'i,f,t,e\n1,1.5,"a,b",\n2,1e3,7,4\n', None, None)
    assert {name: values.tolist() for name, values in batch.tensors.items() if name != "e"} == {
        "i": [1, 2],
        "f": [1.5, 1000.0],
        "t": ["a,b", "7"],
    }
    assert np.isnan(batch.tensors["e"][0])
    assert from_csv(b"a,b\n1,2\n", None, "absent").rows.tolist() == [["a", "b"], ["1", "2"]]


RESULTS: dict[str, tuple[Any, Any, dict[str, tuple[str, list[int], list[Any]]]]] = {
    "array": (np.array([1, 2]), [1, 2], {"predict": ("INT64", [2], [1, 2])}),
    "texts": (np.array(["a", "b"]), ["a", "b"], {"predict": ("BYTES", [2], ["a", "b"])}),
    "list": ([1.5, 2.5], [1.5, 2.5], {"predict": ("FP64", [2], [1.5, 2.5])}),
    "sparse": (sparse.csr_matrix([[0, 1]]), [[0, 1]], {"predict": ("INT64", [1, 2], [0, 1])}),
    "series": (pd.Series([True, False]), [True, False], {"predict": ("BOOL", [2], [True, False])}),
    "table": (
        pd.DataFrame({"a": [1], "b": [0.5]}),
        [{"a": 1, "b": 0.5}],
        {"a": ("INT64", [1], [1]), "b": ("FP64", [1], [0.5])},
    ),
    "dict of arrays": (
        {"a": np.array([1, 2]), "b": np.array([[1.0], [2.0]])},
        [{"a": 1, "b": [1.0]}, {"a": 2, "b": [2.0]}],
        {"a": ("INT64", [2], [1, 2]), "b": ("FP64", [2, 1], [1.0, 2.0])},
    ),
    "objects": (
        [{"label": "x", "score": 0.5}, {"label": "y", "score": 0.25}],
        [{"label": "x", "score": 0.5}, {"label": "y", "score": 0.25}],
        {"label": ("BYTES", [2], ["x", "y"]), "score": ("FP64", [2], [0.5, 0.25])},
    ),
    "bytes": ([b"a", b"\xff"], ["a", "/w=="], {"predict": ("BYTES", [2], ["a", "/w=="])}),
    "other objects": (
        [{"a": 1}, {"b": None}],
        [{"a": 1}, {"b": None}],
        {"predict": ("BYTES", [2], ['{"a":1}', '{"b":null}'])},
    ),
}


@pytest.mark.parametrize("case", RESULTS)
def test_what_models_return(case: str) -> None:
    result, rows, outputs = RESULTS[case]
    assert json.loads(codec.dumps(results.rows(result))) == rows
    written = [write_output(name, value) for name, value in results.named(result).items()]
    assert {item["name"]: (item["datatype"], item["shape"], item["data"]) for item in written} == outputs


def test_json_of_what_json_lacks() -> None:
    value = {
        "nan": [float("nan"), np.float32("inf"), 1],
        "scalar": np.int8(3),
        "large": 2**70,
        "array": np.array([1.0, np.nan]),
        "day": datetime.date(2024, 2, 3),
        "set": {5},
        "stamp": pd.Timestamp("2024-02-03"),
    }
    assert json.loads(codec.dumps(value)) == {
        "nan": [None, None, 1],
        "scalar": 3,
        "large": 2**70,
        "array": [1.0, None],
        "day": "2024-02-03",
        "set": [5],
        "stamp": "2024-02-03T00:00:00",
    }
    with pytest.raises(TypeError, match="has no JSON form"):
        codec.dumps({"a": object()})
