"""Columns of what callers sent, whatever they sent, as the baseline's table has them."""

from __future__ import annotations

from typing import Any

import pytest
from mlstack_local.monitors import decode
from mlstack_local.monitors.columns import Column


@pytest.mark.parametrize("raw", [[[1, 2], [1]], [{"a": 1}, "x"], [10**400, "1"]])
def test_what_is_no_number_is_mistyped(raw: list[Any]) -> None:
    assert Column.of("a", [*raw, 3], True).mistyped == 2


@pytest.mark.parametrize(
    ("table", "cell"),
    [(True, "true"), (False, "False"), ("007", "007"), (7, "7"), (7, "7.0"), ("7.0", "7"), ("yes", "yes")],
)
def test_a_category_has_one_name_in_a_table_and_in_csv(table: Any, cell: str) -> None:
    asked = decode.requests(f"{cell},1\n".encode(), "text/csv", ["a", "b"])
    expected, found = (Column.of("a", raw, False).values.tolist() for raw in ([table], asked.columns["a"]))
    assert found == expected


def test_a_code_is_a_number_where_a_number_is_wanted() -> None:
    asked = decode.requests(b"007,1\nx7,1\n", "text/csv", ["a", "b"])
    found = Column.of("a", asked.columns["a"], True)
    assert (found.values.tolist(), found.mistyped) == ([7.0], 1)


def test_a_long_text_among_many_takes_no_room_for_each_of_them() -> None:
    assert Column.of("a", ["x" * 1_000_000, *["y"] * 5000], False).values.nbytes < 10_000_000
