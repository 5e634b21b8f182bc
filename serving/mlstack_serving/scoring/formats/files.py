"""Files that are no tables: each is one item, handed over as its absolute path.

``path`` is the folder, the scan's facts hold the relative paths. The output is JSON lines.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlstack_serving import codec
from mlstack_serving.scoring.formats import PREDICTION, Items, Scan


def scan(path: Path, hints: Sequence[str]) -> Scan:
    raise AssertionError("sources lists the files of a folder")


def chunks(path: Path, scan: Scan, size: int) -> Iterator[Sequence[tuple[str, str]]]:
    names = scan.facts["files"]
    for start in range(0, len(names), size):
        yield [(name, str(path / name)) for name in names[start : start + size]]


def items(chunk: Sequence[tuple[str, str]], scan: Scan, wanted: Sequence[str] | None, typed: bool) -> Items:
    return Items(list(range(len(chunk))), {"": [path for _, path in chunk]}, False, {})


def part(chunk: Sequence[tuple[str, str]], predictions: dict[int, Any]) -> bytes:
    lines = ({"file": chunk[place][0], PREDICTION: value} for place, value in sorted(predictions.items()))
    return b"".join(codec.dumps(line) + b"\n" for line in lines)


def join(parts: Sequence[Path], path: Path, scan: Scan, target: Path) -> None:
    with target.open("wb") as stream:
        for each in parts:
            with each.open("rb") as source:
                shutil.copyfileobj(source, stream)
