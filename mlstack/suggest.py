"""Did you mean …? One rule for every unknown word."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to ``word``, whatever its case; None when none is near."""
    words = {each.lower(): each for each in reversed(list(known))}
    near = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return words[near[0]] if near else None
