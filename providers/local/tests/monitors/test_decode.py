"""Bodies as rows: all forms that the server takes, and what does not fit counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mlstack_local.monitors import decode
from mlstack_local.monitors.decode import Rows

AB = ["a", "b"]


def asked(body: Any, content_type: str = "application/json", features: Any = AB) -> Rows:
    given = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode.requests(given, content_type, features)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ({"instances": [[1, 2], [3, 4]]}, "application/json"),
        ({"instances": [{"b": 2, "a": 1}, {"a": 3, "b": 4, "more": 5}]}, "application/json"),
        ({"instances": [[[1], [2]], [[3], [4]]]}, ""),
        (
            {"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [1, 2, 3, 4]}]},
            "application/json",
        ),
        (
            {"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [[1, 2], [3, 4]]}]},
            "application/json; charset=utf-8",
        ),
        (
            {
                "inputs": [
                    {"name": "b", "shape": [2, 1], "datatype": "INT64", "data": [2, 4]},
                    {"name": "a", "shape": [2], "datatype": "INT64", "data": [1, 3]},
                ]
            },
            "application/json",
        ),
        (b"1,2\n3,4\n", "text/csv"),
        (b"b,a\n2,1\n4,3\n", "text/csv"),
        (b"b,a\n2,1\n4,3\n", "text/csv; header=present"),
    ],
)
def test_every_form_is_the_same_rows(body: Any, content_type: str) -> None:
    found = asked(body, content_type)
    assert (found.columns, found.count, found.bad) == ({"a": [1, 3], "b": [2, 4]}, 2, 0)


@pytest.mark.parametrize(
    ("body", "content_type", "count", "bad"),
    [
        ({"instances": [[1, 2], [3], [4, 5, 6]]}, "application/json", 1, 2),
        ({"instances": []}, "application/json", 0, 0),
        (b"{", "application/json", 0, 1),
        (b"\xff\xfe", "application/json", 0, 1),
        ([1, 2], "application/json", 0, 1),
        ({"else": 1}, "application/json", 0, 1),
        ({"inputs": [{"name": "x", "shape": [2, 2], "data": [1, 2, 3]}]}, "application/json", 0, 1),
        ({"inputs": [{"name": "x", "data": [1]}]}, "application/json", 0, 1),
        ({"inputs": ["x"]}, "application/json", 0, 1),
        (b"1,2\n3\n", "text/csv", 0, 1),
        (b"\xff\xff,1", "text/csv", 0, 1),
    ],
)
def test_what_does_not_fit_is_counted(body: Any, content_type: str, count: int, bad: int) -> None:
    found = asked(body, content_type)
    assert (found.count, found.bad) == (count, bad)


def test_a_missing_member_is_null_and_csv_keeps_its_text() -> None:
    assert asked({"instances": [{"a": 1}]}).columns == {"a": [1], "b": [None]}
    assert asked(b"a,b\n1,\nx,4\n", "text/csv").columns == {"a": [1.0, "x"], "b": [None, 4]}


def test_without_known_features_columns_are_named_by_what_comes() -> None:
    assert asked({"instances": [[1, 2]]}, features=None).columns == {"0": [1], "1": [2]}
    assert asked({"instances": [{"z": 1}]}, features=None).columns == {"z": [1]}
    assert asked({"instances": [5, 6]}, features=None).columns == {"0": [5, 6]}


@pytest.mark.parametrize(
    ("body", "values", "bad"),
    [
        ({"predictions": [1, 2]}, [1, 2], 0),
        ({"predictions": [[1], [2]]}, [1, 2], 0),
        ({"predictions": [{"y": "cat"}, {"z": 1}]}, ["cat"], 1),
        ({"predictions": [[0.1, 0.9]]}, [], 1),
        ({"outputs": [{"name": "predict", "shape": [2], "datatype": "INT64", "data": [1, 2]}]}, [1, 2], 0),
        ({"outputs": []}, [], 1),
        ({"error": "x"}, [], 1),
    ],
)
def test_answers(body: Any, values: list[Any], bad: int) -> None:
    found = decode.answers(json.dumps(body).encode(), "y")
    assert (found.columns.get("y", []), found.bad) == (values, bad)


def test_rows_of_several_requests_are_one_table() -> None:
    whole = Rows()
    whole.add(Rows({"a": [1]}, 1))
    whole.add(Rows({"a": [2], "b": [3]}, 1, 1))
    whole.add(Rows(bad=2))
    assert (whole.columns, whole.count, whole.bad) == ({"a": [1, 2], "b": [None, 3]}, 2, 3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["instances", "inputs",
        "name", "shape", "data", "outputs", "predictions", "a"]), inner, max_size=4),
)  # fmt: skip


@given(json_values, st.sampled_from([AB, None]))
def test_no_body_raises_and_columns_are_as_long_as_their_count(body: Any, features: Any) -> None:
    text = json.dumps(body).encode()
    for found in (decode.requests(text, "application/json", features), decode.answers(text, "a")):
        assert {len(values) for values in found.columns.values()} <= {found.count}


@given(st.binary(max_size=60))
def test_no_bytes_raise(body: bytes) -> None:
    for kind in ("text/csv", "application/json", "application/x-npy"):
        found = decode.requests(body, kind, AB)
        assert {len(values) for values in found.columns.values()} <= {found.count}
