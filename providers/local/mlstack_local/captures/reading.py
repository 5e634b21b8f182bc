"""Read a deployment's captures, whatever state its files are in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlstack_local.captures import files, lines
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.captures.stream import batches

#: Rows of a parquet file that are in memory at once; its groups are bounded in bytes too.
_ROWS = 4096


def read(folder: Path, since: datetime | None, until: datetime | None) -> pa.Table:
    """See `mlstack_local.captures.read`."""
    # Not the whole at once: two gigabytes of bodies are more than one array holds.
    parts = [pa.Table.from_batches(found, SCHEMA).sort_by("time") for found in _by_file(folder, since, until)]
    return pa.concat_tables([SCHEMA.empty_table(), *parts])


def pieces(folder: Path, since: datetime | None, until: datetime | None) -> Iterator[pa.RecordBatch]:
    """See `mlstack_local.captures.pieces`."""
    for found in _by_file(folder, since, until):
        yield from found


def _by_file(
    folder: Path, since: datetime | None, until: datetime | None
) -> Iterator[Iterator[pa.RecordBatch]]:
    """The rows of each file, the oldest first, without what is earlier or later."""
    begin, end = _utc(since), _utc(until)
    condition = _filter(begin, end)
    # Streams first: one that becomes parquet meanwhile is in both lists, under one name.
    firsts = {files.first_time(path) for path in files.streams(folder)}
    firsts |= {files.first_time(path) for path in files.parquets(folder)}
    found = [(first, _file(folder, files.stem(first), begin)) for first in firsts]
    found += [(files.first_time(path), lines.batches(path, begin)) for path in files.lines(folder)]
    for _, rows in sorted(found, key=lambda each: each[0]):
        yield _rows(rows, condition)


def _rows(rows: Iterator[pa.RecordBatch], condition: pc.Expression | None) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        found = batch if condition is None else batch.filter(condition)
        if found.num_rows:
            yield found


def _file(folder: Path, name: str, begin: datetime | None) -> Iterator[pa.RecordBatch]:
    """As parquet, else as a stream, else as what that stream has become; nothing when it was too old."""
    whole = files.parquet(folder, name)
    for path in (whole, files.stream(folder, name), whole):
        with contextlib.suppress(FileNotFoundError):
            if path != whole:
                for batch, _ in batches(path):
                    yield batch
                return
            with path.open("rb") as source:
                # A file's time of change is that of its last row.
                if begin is None or os.fstat(source.fileno()).st_mtime >= begin.timestamp() - 1:
                    file = pq.ParquetFile(source, pre_buffer=False)
                    for group in range(file.num_row_groups):  # else a batch is of as many groups as it takes
                        yield from file.iter_batches(_ROWS, row_groups=[group])
            return


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
