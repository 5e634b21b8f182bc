"""Did you mean …? One rule for every unknown word."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches

#: More words than these are no help to who has to choose among them.
MOST = 8


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to ``word``, whatever its case; None when none is near."""
    words = {each.lower(): each for each in reversed(list(known))}
    near = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return words[near[0]] if near else None


def hint(word: str, known: Collection[str], *, said: str = "there are") -> str | None:
    """The near word as a question; where none is near, the words that there are, those that are least far
    first, and no more than `MOST` of them. None: there are none."""
    if near := suggest(word, known):
        return f"did you mean {near!r}?"
    far = SequenceMatcher(b=word.lower())

    def nearness(each: str) -> float:
        far.set_seq1(each.lower())
        return -far.ratio()

    nearest = sorted(known, key=nearness)[:MOST]
    more = len(known) - len(nearest)
    return f"{said} {', '.join(nearest)}{f' and {more} more' if more else ''}" if nearest else None
