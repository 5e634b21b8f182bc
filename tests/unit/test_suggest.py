"""Did you mean …?"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlstack.suggest import MOST, hint, suggest

KINDS = ["endpoints", "environments", "jobs", "models", "data"]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("endpoint", "endpoints"),
        ("enviroments", "environments"),
        ("JOBS", "jobs"),
        ("modles", "models"),
        ("zzz", None),
        ("", None),
    ],
)
def test_the_nearest_or_none(word: str, near: str | None) -> None:
    assert suggest(word, KINDS) == near


def test_nothing_is_near_nothing() -> None:
    assert suggest("endpoint", []) is None


@settings(suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.text(), st.lists(st.text()))
def test_a_suggestion_is_always_one_of_the_known(word: str, known: list[str]) -> None:
    assert suggest(word, known) in [*known, None]


@given(st.sampled_from(KINDS))
def test_a_known_word_is_nearest_to_itself(word: str) -> None:
    assert suggest(word, KINDS) == word


def test_a_near_word_is_asked_for_and_others_are_listed() -> None:
    assert hint("endpoint", KINDS) == "did you mean 'endpoints'?"
    assert hint("zzz", ["a", "b"], said="it has") == "it has a, b"
    assert hint("zzz", []) is None


def test_of_many_words_the_least_far_are_listed() -> None:
    told = hint("wood", [f"{n:02}" for n in range(20)] + ["wand"]) or ""
    assert told.startswith("there are wand, 00, 01, ")
    assert told.endswith(f" and {21 - MOST} more")
