"""Differences as property paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.plugin.diff import changes, join, top
from mlstack.resource import UNKNOWN

KEYS = st.text(min_size=1, max_size=8) | st.sampled_from(['a"b', 'x"].y', "\\", '\\"', "a.b", "a[0]", '"]'])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(2) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(KEYS, VALUES, max_size=4)


@pytest.mark.parametrize(
    ("path", "key", "joined"),
    [
        ("", "name", "name"),
        ("a", "b_2", "a.b_2"),
        ("a", 0, "a[0]"),
        ("", "OMP.THREADS", '["OMP.THREADS"]'),
        ("env", "a-b", 'env["a-b"]'),
        ("env", 'say "hi"', 'env["say \\"hi\\""]'),
        ("", 3, "[3]"),
    ],
)
def test_a_step_deeper(path: str, key: str | int, joined: str) -> None:
    assert join(path, key) == joined


@given(KEYS, st.lists(KEYS | st.integers(0, 9), max_size=3))
def test_the_top_of_any_path_is_its_first_key(first: str, rest: list[str | int]) -> None:
    path = join("", first)
    for key in rest:
        path = join(path, key)
    assert top(path) == first


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", "update")]),
        ({}, {"a": 1}, [("a", "add")]),
        ({"a": 1}, {}, [("a", "delete")]),
        ({"a": None}, {}, []),
        ({}, {"a": None}, []),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 3}}, [("a.y", "update")]),
        ({"a": {"x": 1}}, {"a": {}}, [("a.x", "delete")]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [("a[1]", "update")]),
        ({"a": [1]}, {"a": [1, 2]}, [("a", "update")]),
        ({"a": {"x": 1}}, {"a": [1]}, [("a", "update")]),
        ({"a": 1}, {"a": True}, [("a", "update")]),
        ({"a": [0]}, {"a": [False]}, [("a[0]", "update")]),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": "x"}, {"a": UNKNOWN}, [("a", "update")]),
        ({}, {"a": UNKNOWN}, [("a", "add")]),
        ({"a": [{"b": 1}]}, {"a": [{"b": UNKNOWN}]}, [("a[0].b", "update")]),
        ({"a": UNKNOWN}, {"a": UNKNOWN}, [("a", "update")]),
    ],
)
def test_each_difference_at_its_deepest_path(old: Any, new: Any, expected: Any) -> None:
    assert list(changes(old, new)) == expected


@given(PROPERTIES)
def test_nothing_differs_from_itself(properties: dict[str, Any]) -> None:
    assert list(changes(properties, properties)) == []


@given(PROPERTIES, PROPERTIES)
def test_there_is_a_difference_wherever_a_top_level_value_differs(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    different = {key for key in {*old, *new} if old.get(key) != new.get(key)}
    assert {top(path) for path, _ in changes(old, new)} == different
