"""The one store of an emulated cloud: documents by id, in one SQLite file for each stack.

Both doors read and write it, perhaps from several threads and processes, and a process may be killed at any
point: each write is a transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = tuple[str, str, dict[str, Any]]
"""Id, kind, body."""

_SCHEMA = """
create table if not exists documents (
    id text primary key collate nocase, kind text not null, body text not null
);
create table if not exists blobs (path text primary key, content blob not null, headers text not null);
create table if not exists counts (key text primary key, number integer not null);
"""


class World:
    """Documents are JSON objects. An id is the cloud's own; clouds compare ids without regard to case."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600)  # values of secrets may be in it
        self._held = threading.local()
        with self._connected() as connection:
            connection.execute("pragma journal_mode=wal")
            connection.executescript(_SCHEMA)

    def get(self, id: str) -> dict[str, Any] | None:
        """A document as it was put; None when there is none."""
        with self._connected() as connection:
            row = connection.execute("select body from documents where id = ?", (id,)).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, id: str, kind: str, body: Mapping[str, Any]) -> None:
        """Make or replace a document. ``kind`` is the emulation's own word for what it is."""
        with self._connected() as connection:
            connection.execute("replace into documents values (?, ?, ?)", (id, kind, json.dumps(body)))

    def remove(self, id: str) -> bool:
        """Whether there was such a document."""
        with self._connected() as connection:
            return connection.execute("delete from documents where id = ?", (id,)).rowcount > 0

    def under(self, prefix: str = "") -> Iterator[Document]:
        """All documents whose id begins with ``prefix``, as (id, kind, document), by id."""
        with self._connected() as connection:
            rows = connection.execute(
                "select id, kind, body from documents where substr(id, 1, ?) = ? collate nocase order by id",
                (len(prefix), prefix),
            ).fetchall()
        for id, kind, body in rows:
            yield id, kind, json.loads(body)

    def put_blob(self, path: str, content: bytes, headers: Mapping[str, str]) -> None:
        with self._connected() as connection:
            connection.execute("replace into blobs values (?, ?, ?)", (path, content, json.dumps(headers)))

    def get_blob(self, path: str) -> tuple[bytes, dict[str, str]] | None:
        with self._connected() as connection:
            row = connection.execute("select content, headers from blobs where path = ?", (path,)).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def remove_blob(self, path: str) -> bool:
        with self._connected() as connection:
            return connection.execute("delete from blobs where path = ?", (path,)).rowcount > 0

    def blobs(self, prefix: str = "") -> list[str]:
        """Paths of all blobs below ``prefix``, in order."""
        with self._connected() as connection:
            rows = connection.execute("select path from blobs order by path").fetchall()
        return [path for (path,) in rows if path.startswith(prefix)]

    def count(self, key: str) -> int:
        """Count one more of ``key``; how many there were with it. Lasts as long as the world does."""
        with self._connected() as connection:
            row = connection.execute(
                "insert into counts values (?, 1) on conflict (key) do update set number = number + 1 "
                "returning number",
                (key,),
            ).fetchone()
        return int(row[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is done within happens whole or not at all, and nobody else writes in between."""
        with self._connected() as connection:
            if connection.in_transaction:
                yield
                return
            connection.execute("begin immediate")
            try:
                yield
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._held, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=60)
            connection.execute("pragma synchronous=normal")
            self._held.connection = connection
        yield connection
