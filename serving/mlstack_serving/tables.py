"""CSV request bodies: header or not, and a type per column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from mlstack_serving.batch import Batch, as_array, np
from mlstack_serving.codec import dumps
from mlstack_serving.errors import BadInput


def from_csv(body: bytes, columns: Sequence[str] | None, header: str | None, *, typed: bool = True) -> Batch:
    """A table. ``columns``: the names that the model knows, if it does. ``typed``: whether columns of numbers
    are made such; else all are the texts that they are, for a signature that knows better.

    ``header`` is the content type's parameter of RFC 4180, ``present`` or ``absent``; without it a
    first line counts as a header when it holds a name that the model knows, or when all of it is text
    above a column of numbers.
    """
    try:
        lines = [row for row in csv.reader(io.StringIO(body.decode("utf-8-sig")), strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"the body is not valid CSV: {error}", "body") from None
    if not lines:
        raise BadInput("the CSV is empty: at least one row is needed", "body")
    for number, row in enumerate(lines, start=1):
        if len(row) != len(lines[0]):
            raise BadInput(f"row {number} has {len(row)} values, the first has {len(lines[0])}", "body")
    if header not in (None, "present", "absent"):
        raise BadInput(f"header={header}: must be present or absent", "content-type")
    if not (header == "present" or (header is None and _is_header(lines, columns))):
        rows = _matrix(lines) if typed else _texts(lines)
        return Batch({"": rows}, named=False, field="body", prefix="body", texts=not typed)
    names = [name.strip() for name in lines[0]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"the header names {', '.join(map(repr, twice))} twice", "body")
    if len(lines) == 1:
        raise BadInput("the CSV holds a header and no rows", "body")
    if typed:
        cells = [_typed([row[index] for row in lines[1:]]) for index in range(len(names))]
        tensors = {name: as_array(cells[index]) for index, name in enumerate(names)}
    else:
        matrix = _texts(lines[1:])
        tensors = {name: matrix[:, index] for index, name in enumerate(names)}
    return Batch(tensors, named=True, field="body", prefix="body", texts=not typed)


def to_csv(rows: Any) -> bytes:
    """A line per row; objects get a header."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    rows = rows if isinstance(rows, list) else [rows]
    if rows and all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows):
        writer.writerow(rows[0])
        rows = [list(row.values()) for row in rows]
    for row in rows:
        cells = row if isinstance(row, list) else [row]
        # A nested value has no cell of its own in CSV: its JSON has.
        writer.writerow([dumps(cell).decode() if isinstance(cell, (list, dict)) else cell for cell in cells])
    return stream.getvalue().encode()


def _is_header(lines: list[list[str]], columns: Sequence[str] | None) -> bool:
    first = [cell.strip() for cell in lines[0]]
    if columns and not set(first).isdisjoint(columns):
        return True
    if any(number(cell) is not None for cell in first):
        return False
    below = lines[1:]
    return any(all(number(row[index]) is not None for row in below) for index in range(len(first)) if below)


def _texts(lines: list[list[str]]) -> Any:
    return np.array([[cell.strip() or None for cell in row] for row in lines], dtype=object)


def _matrix(lines: list[list[str]]) -> Any:
    columns = [_typed([row[index] for row in lines]) for index in range(len(lines[0]))]
    return as_array([[column[index] for column in columns] for index in range(len(lines))])


def _typed(cells: list[str]) -> list[Any]:
    """The cells as numbers where all that are not empty are numbers; empty is null."""
    numbers = [None if not cell.strip() else number(cell) for cell in cells]
    if all(value is not None or not cell.strip() for value, cell in zip(numbers, cells)):
        return numbers
    return [cell if cell else None for cell in cells]


def number(cell: str) -> Any:
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return None
