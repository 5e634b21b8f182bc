"""Comma- and tab-separated files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from mlstack_local import tables
from mlstack_local.profiles.types import Types, Wider, wider
from mlstack_local.tables import Unparsable

#: Bytes that are parsed at once: what a profile's memory grows with.
_BLOCK = 1 << 20

_CONVERSION = re.compile(r"In CSV column #(\d+): (?:Row #\d+: )?(?:CSV conversion error|.*invalid UTF8)")
_ROW = re.compile(r"(?:CSV parse error: )?Row #(\d+): (.*)", re.DOTALL)


def batches(file: Path, types: Types) -> Iterator[Any]:
    schema = None
    try:
        with _told(file), _open(file, types) as reader:
            schema = reader.schema
            _once(file, schema.names)
            yield from reader
    except pa.ArrowInvalid as error:
        found = _CONVERSION.match(str(error))
        assert found is not None
        # a first block that does not convert with the types of before leaves no schema
        name = (schema.names if schema else tables.header(file))[int(found[1])]
        present = types.get(name) or (schema.field(name).type if schema else pa.string())
        if pa.types.is_binary(present):
            raise Unparsable(file, str(error)) from None
        raise Wider(name, wider(present)) from None


def _open(file: Path, types: Types) -> Any:
    known = {name: kind for name, kind in types.items() if not pa.types.is_null(kind)}
    return csv.open_csv(
        pa.input_stream(file, compression="gzip" if file.name.lower().endswith(".gz") else None),
        read_options=csv.ReadOptions(block_size=_BLOCK, use_threads=False),
        parse_options=csv.ParseOptions(delimiter=tables.delimiter(file), newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=known, strings_can_be_null=True),
    )


def _once(file: Path, names: Sequence[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise Unparsable(file, f"has {count} columns {name!r}", 1)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What the parser says of a broken file, with the file and the row; conversions are let through."""
    try:
        yield
    except pa.ArrowInvalid as error:
        text = str(error)
        if _CONVERSION.match(text):
            raise
        found = _ROW.match(text)
        message, row = (found[2], int(found[1])) if found else (text, None)
        raise Unparsable(file, _short(message), row) from None
    except OSError as error:
        raise Unparsable(file, f"cannot be read: {error}") from error


def _short(text: str) -> str:
    first = text.splitlines()[0].removeprefix("CSV parse error: ")
    return first if len(first) <= 160 else f"{first[:160]}…"
