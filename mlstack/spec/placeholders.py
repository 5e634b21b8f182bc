"""``${{inputs.x}}``, ``${{outputs.y}}`` and ``${{steps.a.metrics.b}}`` inside texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

PLACEHOLDER = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class Holds:
    """Marks a text that holds placeholders of these kinds: ``Annotated[str, Holds("inputs", "outputs")]``."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    @property
    def forms(self) -> str:
        """How they are written, for people."""
        return " or ".join(
            f"${{{{{kind}.NAME{'.metrics.METRIC' if kind == 'steps' else ''}}}}}" for kind in self.kinds
        )


class Placeholder(NamedTuple):
    """``text`` as written; ``parts`` are the words between its dots."""

    text: str
    parts: tuple[str, ...]


def placeholders(text: str) -> Iterator[Placeholder]:
    """All of a text, from left to right."""
    for match in PLACEHOLDER.finditer(text):
        yield Placeholder(match[0], tuple(match[1].split(".")))
