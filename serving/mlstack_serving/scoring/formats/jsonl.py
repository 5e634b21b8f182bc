"""JSON lines: an object of columns each, or an array of values, or a single value.

A line of columns is written as it came, with one more; any other as {"instance": …, "prediction": …}. A
column that a line lacks is null.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from mlstack_serving import codec
from mlstack_serving.batch import as_array
from mlstack_serving.scoring.formats import PREDICTION, Items, Scan


class Broken(str):
    """Why a line is no item."""


def scan(path: Path, hints: Sequence[str]) -> Scan:
    names: dict[str, None] = {}
    count, objects, others = 0, 0, 0
    for line in _lines(path):
        count += 1
        value = _value(line)
        if isinstance(value, dict):
            objects += 1
            names.update(dict.fromkeys(value))
        elif not isinstance(value, Broken):
            others += 1
    named = objects > others
    return Scan(count, list(names) if named else None)


def chunks(path: Path, scan: Scan, size: int) -> Iterator[Sequence[bytes]]:
    found = _lines(path)
    while chunk := list(islice(found, size)):
        yield chunk


def items(chunk: Sequence[bytes], scan: Scan, wanted: Sequence[str] | None, typed: bool) -> Items:
    broken: dict[int, str] = {}
    places: list[int] = []
    values: list[Any] = []
    for place, line in enumerate(chunk):
        value = _value(line)
        if isinstance(value, Broken):
            broken[place] = str(value)
        elif isinstance(value, dict) != (scan.columns is not None):
            broken[place] = "is no object" if scan.columns is not None else "is an object, the others are not"
        else:
            places.append(place)
            values.append(value)
    if scan.columns is None:
        return Items(places, {"": as_array(values)}, False, broken)
    tensors = {name: as_array([value.get(name) for value in values]) for name in wanted or ()}
    return Items(places, tensors, True, broken)


def part(chunk: Sequence[bytes], predictions: dict[int, Any]) -> bytes:
    return b"".join(_line(chunk[place], value) for place, value in sorted(predictions.items()))


def join(parts: Sequence[Path], path: Path, scan: Scan, target: Path) -> None:
    with target.open("wb") as stream:
        for each in parts:
            with each.open("rb") as source:
                shutil.copyfileobj(source, stream)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        for number, raw in enumerate(stream):
            line = raw[3:] if number == 0 and raw.startswith(b"\xef\xbb\xbf") else raw
            if line := line.strip():
                yield line


def _value(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return Broken(f"is not valid JSON: {error}")


def _line(line: bytes, prediction: Any) -> bytes:
    """The line's own text is kept: numbers would look different when written anew."""
    added = b'"%s": %s}\n' % (PREDICTION.encode(), codec.dumps(prediction))
    if not line.startswith(b"{"):
        return b'{"instance": %s, %s' % (line, added)
    inside = line[:-1].rstrip()
    return inside + (b"" if inside == b"{" else b", ") + added
