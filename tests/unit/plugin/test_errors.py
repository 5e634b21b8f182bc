"""A failure's text carries its remedy and category, and gives them back."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.errors import Category
from mlstack.plugin.errors import compose, parse

WORDS = st.text(min_size=1).map(str.strip).filter(lambda text: text and "\nremedy: " not in f"\n{text}")
CATEGORIES = st.sampled_from(get_args(Category))


@given(WORDS, st.none() | WORDS, CATEGORIES)
def test_what_is_composed_parses_to_the_same(message: str, remedy: str | None, category: str) -> None:
    assert parse(compose(message, remedy, category)) == (message, remedy, category)


@given(WORDS, WORDS, CATEGORIES)
def test_trailing_white_space_of_the_engine_changes_nothing(message: str, remedy: str, category: str) -> None:
    assert parse(compose(message, remedy, category) + "\n\n") == (message, remedy, category)


@pytest.mark.parametrize(
    "text", ["it broke", "it broke [user] in the middle", "[colour]", "", "it broke\nremedy: pray"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert parse(text) == (text, None, None)


def test_a_category_at_the_end_of_a_message_is_not_taken_for_the_last() -> None:
    assert parse(compose("see [user]", None, "bug")) == ("see [user]", None, "bug")
