"""JSON lines: an object a line."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlstack_local.profiles.types import Types
from mlstack_local.tables import objects

_LINES = 5000


def batches(file: Path, types: Types) -> Iterator[Any]:
    rows = objects(file)
    while some := list(islice(rows, _LINES)):
        names = list(dict.fromkeys([*types, *(key for row in some for key in row)]))
        arrays = [_array([row.get(name) for row in some]) for name in names]
        yield pa.RecordBatch.from_arrays(arrays, names=names)


def _array(values: list[Any]) -> Any:
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {bool}:
        return pa.array(values, pa.bool_() if kinds else pa.null())
    if kinds <= {int}:
        with contextlib.suppress(OverflowError, pa.ArrowInvalid):
            return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        with contextlib.suppress(OverflowError):
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else value.encode(errors="replace").decode()
    return json.dumps(value)
