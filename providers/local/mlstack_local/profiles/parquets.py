"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from mlstack_local.profiles.types import Types
from mlstack_local.tables import Unparsable

_ROWS = 16_384


def header(file: Path) -> list[str]:
    with _told(file), parquet.ParquetFile(file) as opened:
        return list(opened.schema_arrow.names)


def batches(file: Path, types: Types) -> Iterator[Any]:
    with _told(file), parquet.ParquetFile(file, pre_buffer=False, memory_map=True) as opened:
        yield from opened.iter_batches(batch_size=_ROWS, use_threads=False)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Unparsable(file, f"is no parquet file that can be read: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise Unparsable(file, f"cannot be read: {str(error).splitlines()[0]}") from error
