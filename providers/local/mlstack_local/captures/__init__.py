"""Captured requests and answers of a deployment, as parquet files.

    <layout.captures(endpoint, deployment)>/
        <first time, UTC, YYYYmmddTHHMMSS.ffffff>.parquet    whole files
        _<first time>.arrows                                 rows of the last minutes, not parquet yet
        <first time>-<host>.jsonl                            what a server without a gateway has written

A parquet file is whole or not there: it is written beside and renamed. What was captured last is appended
to an Arrow stream, which a gateway that is started again takes up; its name begins with an underscore
because readers of folders of parquet pass such files over. `read` knows both. Bodies are kept as they came.

pyarrow is imported only by what writes and reads: a gateway that captures nothing does without.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def read(folder: Path, since: datetime | None = None, until: datetime | None = None) -> pa.Table:
    """What was captured from ``since`` up to before ``until``, by `schema.SCHEMA`.

    Rows are ordered by time within a file, files by their first row. Times without a zone are local. A
    folder that is not there is an empty table.
    """
    from mlstack_local.captures import reading

    return reading.read(folder, since, until)


def pieces(
    folder: Path, since: datetime | None = None, until: datetime | None = None
) -> Iterator[pa.RecordBatch]:
    """As `read`, a few megabytes at a time, and not ordered within a file."""
    from mlstack_local.captures import reading

    return reading.pieces(folder, since, until)
