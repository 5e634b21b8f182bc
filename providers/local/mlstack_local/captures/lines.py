"""What mlstack's own server has captured itself, where there is no gateway: `mlstack_serving.capturing`."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlstack_local.captures.schema import SCHEMA

_ROWS = 1000
_BYTES = 4 << 20


def batches(path: Path, begin: datetime | None) -> Iterator[pa.RecordBatch]:
    """The whole lines of a file, a few megabytes at a time; nothing of one whose last is before ``begin``."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as source:
        # A file's time of change is that of its last row.
        if begin is not None and os.fstat(source.fileno()).st_mtime < begin.timestamp() - 1:
            return
        waiting: list[dict[str, Any]] = []
        size = 0
        for line in source:
            row = _row(line)
            if row is None:
                continue
            waiting.append(row)
            size += len(line)
            if size >= _BYTES or len(waiting) >= _ROWS:
                yield _batch(waiting)
                waiting, size = [], 0
        if waiting:
            yield _batch(waiting)


def _row(line: bytes) -> dict[str, Any] | None:
    """None for a line that is cut short: it is being written, or its writer was killed."""
    try:
        row: dict[str, Any] = json.loads(line)
        return {
            "generation": "",
            **row,
            "time": round(row["time"] * 1e6),
            **{name: base64.b64decode(row[name]) for name in ("request", "response")},
        }
    except (ValueError, KeyError, TypeError):
        return None


def _batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
