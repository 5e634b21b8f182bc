"""Digests of files: those that are remembered, and the others read."""

from __future__ import annotations

import hashlib
import os
import stat as modes
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from mlstack.content import index
from mlstack.content.progress import Meter, Watcher
from mlstack.content.walk import shown, special, unreadable
from mlstack.errors import TargetError

_CHUNK = 1 << 20
#: From this many bytes on a thread of its own is worth its while: hashing lets others run, opening does not.
_LARGE = 1 << 20
_THREADS = min(8, os.cpu_count() or 1)
#: A file that changes while it is read is read again, so often at most.
_ATTEMPTS = 3
#: Bytes, and files, after which digests are recorded though there is more to read: an interrupted run goes on
#: from there.
_BATCH_BYTES = 1 << 30
_BATCH_FILES = 2000

_Hashed: TypeAlias = tuple[os.stat_result, int, str]


def digests(paths: Sequence[Path], whole: Path, watcher: Watcher | None = None) -> dict[Path, str]:
    """SHA-256 (hex) of each file, in the order of ``paths``; ``whole`` is what they are together.

    Raises FileNotFoundError (of ``whole`` itself), TargetError.
    """
    stats = {path: _stat(path, whole) for path in paths}
    found = index.known(stats)
    left = {path: stat for path, stat in stats.items() if path not in found}
    if left:
        meter = Meter(whole, sum(stat.st_size for stat in left.values()), watcher)
        for some in _batches(left):
            hashed = _hash_all(some, left, meter)
            index.record(hashed)
            found |= {path: digest for path, (_, _, digest) in hashed.items()}
        meter.finish()
    return {path: found[path] for path in paths}


def _hash_all(
    paths: Sequence[Path], stats: Mapping[Path, os.stat_result], meter: Meter
) -> dict[Path, _Hashed]:
    large = [path for path in paths if stats[path].st_size >= _LARGE]
    hashed = {path: _hash(path, meter) for path in paths if stats[path].st_size < _LARGE}
    if len(large) < 2:
        return hashed | {path: _hash(path, meter) for path in large}
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            return hashed | dict(zip(large, pool.map(lambda path: _hash(path, meter), large), strict=True))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _hash(path: Path, meter: Meter) -> _Hashed:
    """Read a file from an open handle that is the same before and after."""
    for _ in range(_ATTEMPTS):
        try:
            with path.open("rb", buffering=0) as stream:
                before, began = os.fstat(stream.fileno()), time.time_ns()
                digest = hashlib.sha256()
                buffer = memoryview(bytearray(min(_CHUNK, before.st_size + 1)))
                while count := stream.readinto(buffer):
                    digest.update(buffer[:count])
                    meter.add(count)
                after = os.fstat(stream.fileno())
        except FileNotFoundError:
            break
        except OSError as error:
            raise unreadable(path, error) from error
        if _same(before, after):
            return after, began, digest.hexdigest()
    raise TargetError(
        f"{shown(path)} changes while it is read",
        code="content-changes",
        category="transient",
        remedy="wait until nobody writes to it, or name a copy",
    )


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    fields = ("st_size", "st_mtime_ns", "st_ctime_ns")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def _batches(left: dict[Path, os.stat_result]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for path, stat in left.items():
        batch.append(path)
        size += stat.st_size
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _stat(path: Path, whole: Path) -> os.stat_result:
    try:
        found = path.stat()
    except OSError as error:
        if path == whole and isinstance(error, FileNotFoundError):
            raise
        raise unreadable(path, error) from error
    if not modes.S_ISREG(found.st_mode):
        raise special(path)
    return found
