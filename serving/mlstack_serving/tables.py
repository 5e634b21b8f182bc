"""CSV request bodies: header or not, and a type per column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from mlstack_serving.batch import Batch, as_array
from mlstack_serving.errors import BadInput


def from_csv(body: bytes, columns: Sequence[str] | None, header: str | None) -> Batch:
    """A table. ``columns``: the names that the model knows, if it does.

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
        return Batch({"": _matrix(lines)}, named=False, field="body")
    names = [name.strip() for name in lines[0]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"the header names {', '.join(map(repr, twice))} twice", "body")
    if len(lines) == 1:
        raise BadInput("the CSV holds a header and no rows", "body")
    cells = [_typed([row[index] for row in lines[1:]]) for index in range(len(names))]
    return Batch({name: as_array(cells[index]) for index, name in enumerate(names)}, named=True, field="body")


def _is_header(lines: list[list[str]], columns: Sequence[str] | None) -> bool:
    first = [cell.strip() for cell in lines[0]]
    if columns and not set(first).isdisjoint(columns):
        return True
    if any(_number(cell) is not None for cell in first):
        return False
    below = lines[1:]
    return any(all(_number(row[index]) is not None for row in below) for index in range(len(first)) if below)


def _matrix(lines: list[list[str]]) -> Any:
    columns = [_typed([row[index] for row in lines]) for index in range(len(lines[0]))]
    return as_array([[column[index] for column in columns] for index in range(len(lines))])


def _typed(cells: list[str]) -> list[Any]:
    """The cells as numbers where all that are not empty are numbers; empty is null."""
    numbers = [None if not cell.strip() else _number(cell) for cell in cells]
    if all(number is not None or not cell.strip() for number, cell in zip(numbers, cells)):
        return numbers
    return [cell if cell else None for cell in cells]


def _number(cell: str) -> Any:
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return None
