"""Which fields of the spec a target builds, as the page on support has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

SUPPORT = Path(__file__).parents[2] / "docs" / "reference" / "support"


def built(target: str) -> set[str]:
    """The fields that the page says become a part of what is made."""
    found, kind = set(), ""
    for line in (SUPPORT / f"{target}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            kind = "" if line == "## the stack itself" else f"{line[3:]}."
        elif row := re.match(r"\| `([\w.]+)` \| yes \|", line):
            found.add(f"{kind}{row[1]}")
    return found


def missing(target: str, changed: Iterable[str], left_out: Mapping[str, str]) -> set[str]:
    """The fields that are built, and neither changed nor left out for a reason."""
    known = {*changed, *left_out}
    return {field for field in built(target) if not _within(field, known)}


def unknown(target: str, left_out: Mapping[str, str]) -> set[str]:
    """What is left out though it is not built."""
    fields = built(target)
    return {left for left in left_out if not any(f"{each}.".startswith(f"{left}.") for each in fields)}


def _within(field: str, known: set[str]) -> bool:
    """A map's or an object's own row stands for nothing but what is in it."""
    return any(f"{field}.".startswith(f"{each}.") or each.startswith(f"{field}.") for each in known)
