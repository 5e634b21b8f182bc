"""Cron expressions: the five fields, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from mlstack.spec.cron import check


@pytest.mark.parametrize(
    "text",
    [
        "0 3 * * *",
        "*/15 * * * *",
        "0 9-17/2 * * mon-fri",
        "5,10,50-55 0 1,15 JAN,jul *",
        "0 0 29 2 *",
        "0 0 31 2 1",
        "30 4/6 * * 7",
        "59 23 31 12 6",
    ],
)
def test_an_expression_is_kept(text: str) -> None:
    assert check(f"  {text.replace(' ', '   ')} ") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@daily",
        "0 3 * *",
        "0 3 * * * *",
        "61 3 * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "1,,2 * * * *",
        "a * * * *",
        "-1 * * * *",
        "1- * * * *",
        "*-5 * * * *",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        "² * * * *",
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check(text)
    assert caught.value.type == "bad-cron"
    assert (caught.value.context or {})["remedy"]


@given(st.tuples(*(st.integers(*ends) for ends in ((0, 59), (0, 23), (1, 28), (1, 12), (0, 7)))))
def test_every_moment_of_a_year_can_be_named(fields: tuple[int, ...]) -> None:
    text = " ".join(map(str, fields))

    assert check(text) == text


@given(st.text(st.sampled_from("0123456789*/,- aj"), max_size=20))
def test_any_text_is_kept_or_refused(text: str) -> None:
    refused = None
    try:
        kept = check(text)
    except PydanticCustomError as error:
        refused = error.type
    assert refused == "bad-cron" or kept == " ".join(text.split())
