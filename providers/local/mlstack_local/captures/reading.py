"""Read a deployment's captures, whatever state its files are in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlstack_local.captures import files
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.captures.stream import batches

#: How often the files may change under a reader before it gives up; they do so every few minutes at most.
_ATTEMPTS = 20


def read(folder: Path, since: datetime | None, until: datetime | None) -> pa.Table:
    """See `mlstack_local.captures.read`."""
    begin, end = _utc(since), _utc(until)
    for _ in range(_ATTEMPTS):
        try:
            return _read(folder, begin, end)
        except FileNotFoundError:
            continue  # a stream became parquet, or a file was too old: look again
    raise RuntimeError(f"the files in {folder} do not stop changing")


def _read(folder: Path, begin: datetime | None, end: datetime | None) -> pa.Table:
    # Streams first: one that becomes parquet meanwhile is missed, or is known by its name.
    streams = files.streams(folder)
    rows = {path: [batch for batch, _ in batches(path)] for path in streams}
    whole = files.parquets(folder)
    done = {files.first_time(path) for path in whole}
    parts = {}
    for path in whole:
        # A file's time of change is that of its last row.
        if begin is None or path.stat().st_mtime >= begin.timestamp() - 1:
            parts[files.first_time(path)] = pq.read_table(path, schema=SCHEMA, filters=_filter(begin, end))
    for path, found in rows.items():
        if files.first_time(path) not in done:
            table = pa.Table.from_batches(found, SCHEMA)
            condition = _filter(begin, end)
            parts[files.first_time(path)] = table if condition is None else table.filter(condition)
    # Not the whole at once: two gigabytes of bodies are more than one array holds.
    ordered = [parts[first].sort_by("time") for first in sorted(parts)]
    return pa.concat_tables([SCHEMA.empty_table(), *ordered])


def _filter(begin: datetime | None, end: datetime | None) -> pc.Expression | None:
    time = pc.field("time")
    conditions = []
    if begin is not None:
        conditions.append(time >= pa.scalar(begin, SCHEMA.field("time").type))
    if end is not None:
        conditions.append(time < pa.scalar(end, SCHEMA.field("time").type))
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time is not None else None
