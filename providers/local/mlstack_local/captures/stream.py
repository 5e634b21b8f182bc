"""The file that captured rows are appended to until it becomes parquet.

An Arrow IPC stream: the schema, then a batch for each flush, each written in one piece. A process that is
killed leaves at worst one batch that is cut short, which readers leave out and a successor cuts off. The
file is locked as long as a process writes it, so two gateways never write, or take up, the same one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlstack_local.captures import files
from mlstack_local.captures.rows import Row
from mlstack_local.captures.schema import SCHEMA

#: Of a parquet file: large enough to be read quickly, small enough to be held in memory.
_GROUP_BYTES = 16 << 20
_SCHEMA = SCHEMA.serialize().to_pybytes()


class Stream:
    """``size`` in bytes, ``first`` and ``last`` row's time in epoch seconds. One thread at a time."""

    def __init__(self, path: Path, handle: int, size: int, last: float) -> None:
        self.path = path
        self.size = size
        self.first = files.first_time(path)
        self.last = last
        self._handle = handle

    @staticmethod
    def create(folder: Path, first: float) -> Stream:
        """A new one, under the name of the first free microsecond from ``first``."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            name = files.stem(first)
            path = files.stream(folder, name)
            # Another gateway of the same endpoint may be handing over at this very moment.
            with contextlib.suppress(FileExistsError):
                if not files.parquet(folder, name).exists():
                    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
                    break
            first += 1e-6
        fcntl.flock(handle, fcntl.LOCK_EX)
        made = Stream(path, handle, 0, first)
        made._write(_SCHEMA)
        return made

    @staticmethod
    def take_up(path: Path) -> Stream | None:
        """What another process left, up to its last whole batch. None: it is in use, or holds nothing."""
        try:
            handle = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if not _is_at(handle, path):
            os.close(handle)
            return None
        size, last = 0, 0.0
        for batch, end in batches(path):
            size, last = end, max(last, _last(batch))
        if not size or files.parquet(path.parent, files.stem(files.first_time(path))).exists():
            path.unlink()
            os.close(handle)
            return None
        os.ftruncate(handle, size)
        os.lseek(handle, size, os.SEEK_SET)
        return Stream(path, handle, size, last)

    def append(self, rows: Sequence[Row]) -> None:
        """Raises OSError, and then none of the rows is in the file."""
        columns = zip(*rows, strict=True)
        times = [round(time * 1e6) for time in next(columns)]
        arrays = [pa.array(times, SCHEMA.field(0).type)]
        arrays += [
            pa.array(values, field.type) for values, field in zip(columns, list(SCHEMA)[1:], strict=True)
        ]
        self._write(pa.record_batch(arrays, schema=SCHEMA).serialize().to_pybytes())
        self.last = max(self.last, *(row.time for row in rows))

    def finish(self) -> Path | None:
        """Turn it into parquet; the file, or None when it has gone. Raises OSError: it is there as before."""
        if not _is_at(self._handle, self.path):
            self.leave()
            return None
        target = files.parquet(self.path.parent, files.stem(self.first))
        half = target.with_name(f".{target.name}")
        try:
            _to_parquet(self.path, half)
            os.utime(half, (self.last, self.last))
            half.replace(target)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
        self.path.unlink(missing_ok=True)
        self.leave()
        return target

    def leave(self) -> None:
        """Close it as it is."""
        os.close(self._handle)

    def is_there(self) -> bool:
        return _is_at(self._handle, self.path)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._handle, view) :]
        except OSError:
            os.ftruncate(self._handle, self.size)
            os.lseek(self._handle, self.size, os.SEEK_SET)
            raise
        self.size += len(data)


def batches(path: Path) -> Iterator[tuple[pa.RecordBatch, int]]:
    """The whole batches of a stream, each with the place of its end. Raises FileNotFoundError."""
    with pa.OSFile(str(path)) as source:
        try:
            with pa.ipc.open_stream(source) as reader:
                for batch in reader:
                    yield batch, source.tell()
        except (pa.ArrowInvalid, OSError):
            return  # cut short: it is being written, or its writer was killed


def _to_parquet(source: Path, target: Path) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as sink, pq.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        waiting: list[pa.RecordBatch] = []
        size = 0
        for batch, _ in batches(source):
            waiting.append(batch)
            size += batch.nbytes
            if size >= _GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(waiting, SCHEMA))
                waiting, size = [], 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, SCHEMA))
        writer.close()
        sink.flush()
        os.fsync(sink.fileno())


def _last(batch: pa.RecordBatch) -> float:
    newest = pc.max(batch.column(0).cast(pa.int64())).as_py()
    return float(newest or 0) / 1e6


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
