"""CSV: UTF-8, commas, RFC 4180 quotes; with or without a header.

The first line is a header when it has a name that the model knows, or when it has no number and stands
above a column of numbers.

A model that tells the types of its columns is given the texts. Else a column is one of numbers where at least
nine in ten of its values in the whole file are (empty ones do not count), so that its type is the same in
every mini-batch; a value there that is none fails its row. Where all are whole and none is empty, they
are integers.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mlstack_serving import codec, tables
from mlstack_serving.batch import as_array, np
from mlstack_serving.scoring.errors import InputError
from mlstack_serving.scoring.formats import PREDICTION, Items, Scan

_BOM = "\ufeff"
_LOOK = 100
_BLOCK = 1000
_NUMBERS = 0.9


class Record(NamedTuple):
    """``text`` as it stands in the file; ``cells``, or why there are none."""

    text: str
    cells: list[str] | str


def scan(path: Path, hints: Sequence[str]) -> Scan:
    with path.open("rb") as stream:
        found = _records(stream)
        first = list(islice(found, _LOOK))
        rows = [record.cells for record in first if isinstance(record.cells, list)]
        header = bool(rows) and first[0].cells is rows[0] and _is_header(rows, hints)
        names = [name.strip() for name in rows[0]] if header else None
        width = len(rows[0]) if rows else 0
        if names is not None and len(set(names)) < len(names):
            raise InputError(f"{path.name}: the header names a column twice; give each its own name")
        count = 0
        numbers, texts, whole = [0] * width, [0] * width, [True] * width
        found = _chain(first[header:], found)
        while block := list(islice(found, _BLOCK)):
            count += len(block)
            for index, column in enumerate(_columns(block, width)):
                filled, bad = _tally(column)
                numbers[index] += filled - bad
                texts[index] += bad
                whole[index] = whole[index] and _is_whole(column)
    kinds = [count_of >= _NUMBERS * (count_of + text) for count_of, text in zip(numbers, texts)]
    facts = {"header": first[0].text if header else None, "width": width, "numbers": kinds, "whole": whole}
    return Scan(count, names, facts)


def chunks(path: Path, scan: Scan, size: int) -> Iterator[Sequence[Record]]:
    with path.open("rb") as stream:
        found = _records(stream)
        if scan.facts["header"] is not None:
            next(found)
        while chunk := list(islice(found, size)):
            yield chunk


def items(chunk: Sequence[Record], scan: Scan, wanted: Sequence[str] | None, typed: bool) -> Items:
    names = scan.columns
    order = (
        list(range(scan.facts["width"])) if names is None else [names.index(name) for name in wanted or ()]
    )
    numbers = scan.facts["numbers"]
    broken: dict[int, str] = {}
    places = []
    for place, record in enumerate(chunk):
        wrong = _wrong(record, scan.facts["width"])
        if wrong is None:
            places.append(place)
        else:
            broken[place] = wrong
    rows = [chunk[place].cells for place in places]
    columns = {}
    for index in order:
        cells = [row[index] for row in rows]
        if not (typed and numbers[index]):
            columns[index] = [str(cell) if cell else None for cell in cells]
            continue
        values = _numbers(cells, whole=scan.facts["whole"][index])
        for place, cell, value in zip(places, cells, values):
            if value is None and cell.strip():
                broken.setdefault(place, f"{_named(names, index)}: {cell!r} is no number")
        columns[index] = values
    kept = [at for at, place in enumerate(places) if place not in broken]
    if len(kept) < len(places):
        columns = {index: [values[at] for at in kept] for index, values in columns.items()}
        places = [places[at] for at in kept]
    if names is None:
        matrix = [[columns[index][at] for index in order] for at in range(len(places))]
        rows = as_array(matrix) if typed or np is None else np.array(matrix, dtype=object)
        return Items(places, {"": rows}, False, broken, texts=not typed)
    tensors = {names[index]: _array(columns[index], typed and numbers[index]) for index in order}
    return Items(places, tensors, True, broken, texts=not typed)


def part(chunk: Sequence[Record], predictions: dict[int, Any]) -> bytes:
    lines = [f"{chunk[place].text},{_cell(value)}\n" for place, value in sorted(predictions.items())]
    return "".join(lines).encode()


def join(parts: Sequence[Path], path: Path, scan: Scan, target: Path) -> None:
    with target.open("wb") as stream:
        if scan.facts["header"] is not None:
            stream.write(f"{scan.facts['header']},{PREDICTION}\n".encode())
        for each in parts:
            with each.open("rb") as source:
                shutil.copyfileobj(source, stream)


def _records(stream: BinaryIO) -> Iterator[Record]:
    """Each record with its own text; blank lines are none."""
    held: list[str] = []

    def lines() -> Iterator[str]:
        for number, raw in enumerate(stream):
            line = raw.decode("utf-8", "surrogateescape")
            line = line[1:] if number == 0 and line.startswith(_BOM) else line
            held.append(line)
            yield line

    reader = csv.reader(lines(), strict=True)
    while True:
        cells: list[str] | str
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = f"no valid CSV: {error}"
        text = "".join(held).rstrip("\r\n")
        held.clear()
        if cells:
            yield Record(text, cells)


def _chain(first: list[Record], rest: Iterator[Record]) -> Iterator[Record]:
    yield from first
    yield from rest


def _is_header(rows: Sequence[list[str]], hints: Sequence[str]) -> bool:
    first = [cell.strip() for cell in rows[0]]
    if not set(first).isdisjoint(hints):
        return True
    below = list(zip(*(row for row in rows[1:] if len(row) == len(first))))
    tallies = (_tally(column) for column in below)
    return all(tables.number(cell) is None for cell in first) and any(
        filled and filled - bad >= _NUMBERS * filled for filled, bad in tallies
    )


def _wrong(record: Record, width: int) -> str | None:
    if isinstance(record.cells, str):
        return record.cells
    if len(record.cells) != width:
        return f"has {len(record.cells)} values, not {width}"
    try:
        record.text.encode()
    except UnicodeEncodeError:
        return "is not UTF-8"
    return None


def _columns(block: Sequence[Record], width: int) -> list[Sequence[str]]:
    rows = [record.cells for record in block if isinstance(record.cells, list) and len(record.cells) == width]
    return list(zip(*rows)) if rows else []


def _tally(cells: Sequence[str]) -> tuple[int, int]:
    """How many cells are not empty, and how many of those are no numbers."""
    try:
        list(map(float, cells))
    except ValueError:
        filled = [cell for cell in cells if cell.strip()]
        return len(filled), sum(tables.number(cell) is None for cell in filled)
    return len(cells), 0


def _is_whole(cells: Sequence[str]) -> bool:
    """Whether the numbers among the cells are integers, and no cell is empty."""
    try:
        list(map(int, cells))
    except ValueError:
        return not any(isinstance(tables.number(cell), float) or not cell.strip() for cell in cells)
    return True


def _numbers(cells: Sequence[str], *, whole: bool) -> list[Any]:
    """None where a cell is no number, or empty."""
    kind = int if whole else float
    try:
        return list(map(kind, cells))
    except ValueError:
        return [None if tables.number(cell) is None else kind(cell) for cell in cells]


def _array(values: list[Any], numbers: bool) -> Any:
    """Text stays text where a mini-batch happens to have none of it."""
    return as_array(values) if numbers or np is None else np.asarray(values, dtype=object)


def _named(names: Sequence[str] | None, index: int) -> str:
    return f"column {index + 1}" if names is None else f"column {names[index]!r}"


def _cell(value: Any) -> str:
    """Text and nothing as they are, else JSON; quoted where CSV needs it."""
    text = "" if value is None else value if isinstance(value, str) else codec.dumps(value).decode()
    return '"{}"'.format(text.replace('"', '""')) if any(c in text for c in ',"\r\n') else text
