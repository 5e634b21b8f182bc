"""``${{inputs.x}}``, ``${{outputs.y}}`` and ``${{steps.a.metrics.b}}`` inside texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

PLACEHOLDER = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class Placeholder(NamedTuple):
    """``text`` as written; ``parts`` are the words between its dots."""

    text: str
    parts: tuple[str, ...]


def placeholders(text: str) -> Iterator[Placeholder]:
    """All of a text, from left to right."""
    for found in PLACEHOLDER.finditer(text):
        yield Placeholder(found[0], tuple(found[1].split(".")))
