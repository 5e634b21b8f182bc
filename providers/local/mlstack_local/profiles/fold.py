"""A table's batches put into a sink, with types that hold for the whole of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mlstack_local import tables
from mlstack_local.profiles import csvs, jsons, parquets
from mlstack_local.profiles.types import Types, Wider, settle
from mlstack_local.tables import Unparsable

#: Each offers ``batches``: of a file, with the types that are known so far.
_FORMATS: Mapping[str, Any] = {
    ".csv": csvs,
    ".tsv": csvs,
    ".jsonl": jsons,
    ".ndjson": jsons,
    ".parquet": parquets,
    ".pq": parquets,
}


class Sink(Protocol):
    """Takes a table's batches, all with the same types for the same columns."""

    def add(self, batch: Any) -> None: ...


S = TypeVar("S", bound=Sink)


def fold(path: Path, fresh: Callable[[], S]) -> S:
    """A sink that every batch of the table was put into.

    The types are those of the first rows. Where a later value does not fit (a number with a fraction after
    whole ones, a word after numbers), the type is widened and the table is read again into a fresh sink.
    Raises `Unparsable`.
    """
    files = tables.parts(path)
    if not files:
        raise Unparsable(path, f"is no table: those end in {', '.join(tables.SUFFIXES)}")
    types: Types = {}
    while True:
        sink = fresh()
        try:
            for file, suffix in files:
                for batch in _FORMATS[suffix].batches(file, types):
                    sink.add(settle(batch, types))
            return sink
        except Wider as wider:
            types[wider.column] = wider.type
