"""Small drawings that fit into a line of text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_PLAIN = "_.,-~=*#"


def sparkline(values: Sequence[float | None]) -> str:
    """A character a value, from 0 to the highest; a gap where there is none."""
    steps = _BLOCKS if _draws("▁█") else _PLAIN
    highest = max((value for value in values if value is not None), default=0.0)
    return "".join(" " if value is None else _step(value, highest, steps) for value in values)


def bar(percent: int, width: int = 8) -> str:
    """A bar for a percentage; what is above 0 shows, and what is below 100 is not full."""
    full, empty = "█░" if _draws("█░") else "#-"
    filled = round(percent * width / 100)
    filled = min(max(filled, int(percent > 0)), width - int(percent < 100))
    return full * filled + empty * (width - filled)


def _step(value: float, highest: float, steps: str) -> str:
    return steps[0] if highest <= 0 else steps[round(value / highest * (len(steps) - 1))]


def _draws(text: str) -> bool:
    """Whether standard output can show these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
