"""Digests that are remembered by what the file system says of a file, as git's index does.

A file whose device, inode, size, time of content and time of change are as recorded has not been written
to. One that was written to just before it was read may be written to again within the same tick of the
file system's clock, and show nothing: such a file is not recorded (git calls it racily clean).

The index is one SQLite file in mlstack's cache folder, for all processes at once. Where it cannot be
opened, there is none, and files are read; one that is broken is thrown away.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from mlstack.paths import cache_dir

#: Names the moment (nanoseconds since 1970) before which no record is trusted: `--verify` sets it, and
#: processes that are started then inherit it.
VERIFY = "MLSTACK_VERIFY"

_SCHEMA = 1
#: Records that are kept; the oldest quarter goes when there are more.
_MOST = 1_000_000
#: How much older than the reading a file has to be. The kernel's clock for files lags by up to a tick, 10 ms;
#: file systems that store whole seconds, or every second one, need more.
_TICK = 50_000_000
_COARSE = 2_100_000_000


@contextmanager
def verifying(wanted: bool = True) -> Iterator[None]:
    """While the block runs, digests recorded before it are not trusted, here and in processes started."""
    if not wanted:
        yield
        return
    before = os.environ.get(VERIFY)
    os.environ[VERIFY] = str(time.time_ns())
    try:
        yield
    finally:
        if before is None:
            del os.environ[VERIFY]
        else:
            os.environ[VERIFY] = before


def known(stats: Mapping[Path, os.stat_result]) -> dict[Path, str]:
    """The digests (hex) of those files that have not changed since they were recorded."""
    if not stats:
        return {}
    since = int(os.environ.get(VERIFY) or 0)
    found = {}
    with _opened() as index:
        if index is None:
            return {}
        for path, stat in stats.items():
            row = index.execute(
                "SELECT digest FROM files WHERE device = ? AND inode = ? AND size = ? AND mtime = ? "
                "AND ctime = ? AND hashed >= ?",
                (*_key(stat), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, since),
            ).fetchone()
            if row is not None:
                found[path] = row[0].hex()
    return found


def record(hashed: Mapping[Path, tuple[os.stat_result, int, str]]) -> None:
    """Remember digests: of each file what it was like, when its reading began (ns since 1970), the hex."""
    rows = [
        (*_key(stat), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, began, bytes.fromhex(digest))
        for stat, began, digest in hashed.values()
        if is_settled(stat, began)
    ]
    if not rows:
        return
    with _opened() as index:
        if index is None:
            return
        index.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        [count] = index.execute("SELECT count(*) FROM files").fetchone()
        if count > _MOST:
            oldest = "SELECT hashed FROM files ORDER BY hashed LIMIT 1 OFFSET ?"
            index.execute(f"DELETE FROM files WHERE hashed <= ({oldest})", (count - _MOST * 3 // 4,))  # noqa: S608


def is_settled(stat: os.stat_result, began: int) -> bool:
    """Whether a later write is sure to show: the file was last touched well before the reading began."""
    newest = max(stat.st_mtime_ns, stat.st_ctime_ns)
    coarse = stat.st_mtime_ns % 10**9 == 0 and stat.st_ctime_ns % 10**9 == 0
    return newest < began - (_COARSE if coarse else _TICK)


@contextmanager
def _opened() -> Iterator[sqlite3.Connection | None]:
    """A connection within a transaction; None where there can be no index. What fails in it is let go."""
    path = cache_dir() / "digests.sqlite"
    for attempt in range(2):
        try:
            connection = _connect(path)
        except sqlite3.OperationalError:  # no such folder, read-only, locked for too long
            connection = None
        except sqlite3.DatabaseError:
            _discard(path)
            connection = None
            if attempt == 0:
                continue
        break
    if connection is None:
        yield None
        return
    with closing(connection):
        try:
            with connection:
                yield connection
        except sqlite3.OperationalError:
            pass
        except sqlite3.DatabaseError:
            _discard(path)


def _connect(path: Path) -> sqlite3.Connection:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        [schema] = connection.execute("PRAGMA user_version").fetchone()
        if schema != _SCHEMA:
            with connection:
                connection.execute("DROP TABLE IF EXISTS files")
                connection.execute(
                    "CREATE TABLE files (device INTEGER, inode INTEGER, size INTEGER, mtime INTEGER, "
                    "ctime INTEGER, hashed INTEGER, digest BLOB, PRIMARY KEY (device, inode)) WITHOUT ROWID"
                )
                connection.execute(f"PRAGMA user_version = {_SCHEMA}")
    except BaseException:
        connection.close()
        raise
    return connection


def _discard(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            path.with_name(name).unlink(missing_ok=True)


def _key(stat: os.stat_result) -> tuple[int, int]:
    """Device and inode as SQLite holds integers: signed."""
    device, inode = (n - (1 << 64) if n >= 1 << 63 else n for n in (stat.st_dev, stat.st_ino))
    return device, inode
