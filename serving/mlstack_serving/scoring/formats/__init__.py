"""The forms of input, one module each.

A form reads its file in chunks of so many items, turns a chunk into what a model takes, and writes a chunk
with its predictions as a part; parts put together are the output, in the form of the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

PREDICTION = "prediction"
#: Ending of a file -> its module.
ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}


@dataclass(frozen=True)
class Scan:
    """What a first look over the whole input found.

    ``columns`` None: items without names. ``facts`` are the form's own, as JSON has them.
    """

    rows: int
    columns: list[str] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Items:
    """A chunk as a model takes it: ``tensors`` hold the items at ``places`` of the chunk.

    ``broken`` says of the others why they cannot be read. ``texts``: all values are texts, whatever they
    mean.
    """

    places: list[int]
    tensors: dict[str, Any]
    named: bool
    broken: dict[int, str]
    texts: bool = False


class Format(Protocol):
    """``wanted`` are the columns that the model is given, None for items without names; ``typed`` whether it
    wants the numbers of a CSV as such, or the texts, since it knows better what they mean."""

    def scan(self, path: Path, hints: Sequence[str]) -> Scan:
        """``hints``: names that columns are likely to have. InputError for what is no such file."""

    def chunks(self, path: Path, scan: Scan, size: int) -> Iterator[Sequence[Any]]: ...

    def items(self, chunk: Any, scan: Scan, wanted: Sequence[str] | None, typed: bool) -> Items: ...

    def part(self, chunk: Any, predictions: dict[int, Any]) -> bytes:
        """The items that have a prediction, by place, in order."""

    def join(self, parts: Sequence[Path], path: Path, scan: Scan, target: Path) -> None:
        """The parts, in order, as one file."""


def format_named(name: str) -> Format:
    made: Format = import_module(f"mlstack_serving.scoring.formats.{name}")
    return made
