"""A monitor's readings, its alert and what is still to be told: ``monitors/<name>/readings.db``, SQLite.

One transaction records a reading together with what follows from it, so that a process killed at any moment
leaves either all of it or nothing.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mlstack_local.monitors import alert as alerts
from mlstack_local.monitors.alert import Alert
from mlstack_local.monitors.definition import Definition
from mlstack_local.monitors.reading import Reading

NAME = "readings.db"
#: Readings that are kept: at one in five minutes a month of them.
KEEP = 10_000
#: A message that cannot be delivered is tried again after these times, and then given up.
RETRIES = (10.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0)

_OF_SERIES = "AND (series = ? OR series IS NULL)"
_TABLES = """
CREATE TABLE IF NOT EXISTS reading (
    id INTEGER PRIMARY KEY, time REAL NOT NULL, due REAL, state TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reading_state ON reading (state, id);
CREATE TABLE IF NOT EXISTS kept (time REAL NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alert (only INTEGER PRIMARY KEY CHECK (only = 1), document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, reading INTEGER NOT NULL, event TEXT NOT NULL, channel TEXT NOT NULL,
    created REAL NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, next REAL NOT NULL,
    ended REAL, error TEXT);
"""


@dataclass(frozen=True)
class Message:
    """Something that a channel is to be told. ``state``: pending, sent, given-up."""

    id: int
    reading: int
    event: str
    channel: str
    created: float
    state: str
    attempts: int
    next: float
    ended: float | None
    error: str | None


class History:
    """Of the monitor in ``folder``. Without a file it is empty, and reading it makes none."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def last(self, count: int = 1, state: str | None = None) -> list[Reading]:
        """The newest readings, the oldest of them first."""
        return [reading for _, reading in self._last(count, state)]

    def comparable(self, definition: Definition, count: int) -> list[Reading]:
        """Of the ``count`` newest readings those of the definition's series, the oldest first."""
        return [reading for reading in self.last(count) if definition.compares(reading)]

    def measured(self, definition: Definition | None = None) -> Reading | None:
        """The newest reading that had enough to measure; with a definition, the newest of its series."""
        where, values = ("", []) if definition is None else (_OF_SERIES, [definition.series])
        found = self._query(
            f"SELECT document FROM reading WHERE state IN ('ok', 'firing') {where} "  # noqa: S608 - no input
            "ORDER BY id DESC LIMIT 1",
            *values,
        )
        if not found:
            return None
        reading = Reading(**json.loads(found[0][0]))
        return reading if definition is None or definition.compares(reading) else None

    def has(self, due: float) -> bool:
        """Whether the reading that was due then has been taken."""
        return bool(self._query("SELECT 1 FROM reading WHERE due = ?", due))

    def kept(self, endpoint: str) -> list[tuple[float, Mapping[str, Any]]]:
        """What readings of the endpoint kept for later ones, the oldest first."""
        if any(reading.endpoint != endpoint for reading in self.last()):
            return []
        rows = self._query("SELECT time, document FROM kept ORDER BY time")
        return [(moment, json.loads(document)) for moment, document in rows]

    def alert(self) -> Alert:
        found = self._query("SELECT document FROM alert")
        return Alert(**json.loads(found[0][0])) if found else Alert()

    def record(
        self,
        reading: Reading,
        channels: Sequence[str],
        *,
        keep: Mapping[str, Any] | None = None,
        forget_before: float = 0.0,
    ) -> Reading:
        """Add a reading, move the alert, and queue what each channel is to be told.

        ``keep`` is handed to later readings; of what earlier ones kept, all but the newest at or before
        ``forget_before`` and what came after it is dropped, and all that was of another endpoint.
        """
        with self._writing() as database:
            row = database.execute("SELECT document FROM alert").fetchone()
            alert = Alert(**json.loads(row[0])) if row else Alert()
            alert, event = alerts.advance(alert, reading.state, reading.time, reading.series)
            reading = replace(reading, firing=alert.firing, event=event)
            newest = database.execute("SELECT document FROM reading ORDER BY id DESC LIMIT 1").fetchone()
            if newest and json.loads(newest[0])["endpoint"] != reading.endpoint:
                database.execute("DELETE FROM kept")
            cursor = database.execute(
                "INSERT INTO reading (time, due, state, document, series) VALUES (?, ?, ?, ?, ?)",
                (reading.time, reading.due, reading.state, json.dumps(asdict(reading)), reading.series),
            )
            database.execute("INSERT OR REPLACE INTO alert VALUES (1, ?)", (json.dumps(asdict(alert)),))
            if event is not None:
                database.executemany(
                    "INSERT INTO message (reading, event, channel, created, state, attempts, next) "
                    "VALUES (?, ?, ?, ?, 'pending', 0, ?)",
                    [(cursor.lastrowid, event, name, reading.time, reading.time) for name in channels],
                )
            if keep is not None:
                database.execute("INSERT INTO kept VALUES (?, ?)", (reading.until, json.dumps(keep)))
            database.execute(
                "DELETE FROM kept WHERE time < (SELECT max(time) FROM kept WHERE time <= ?)",
                (forget_before,),
            )
            database.execute("DELETE FROM reading WHERE id <= ?", ((cursor.lastrowid or 0) - KEEP,))
            database.execute("DELETE FROM message WHERE reading NOT IN (SELECT id FROM reading)")
        return reading

    def due_messages(self, now: float) -> list[Message]:
        rows = self._query("SELECT * FROM message WHERE state = 'pending' AND next <= ? ORDER BY id", now)
        return [Message(*row) for row in rows]

    def next_message(self) -> float | None:
        """When the next message is to be tried, in epoch seconds; None: there is none."""
        found = self._query("SELECT min(next) FROM message WHERE state = 'pending'")
        return found[0][0] if found else None

    def messages(self, channel: str) -> list[Message]:
        """The last messages of a channel, the newest first."""
        return [
            Message(*row)
            for row in self._query(
                "SELECT * FROM message WHERE channel = ? ORDER BY id DESC LIMIT 20", channel
            )
        ]

    def reading_of(self, message: Message) -> Reading | None:
        found = self._query("SELECT document FROM reading WHERE id = ?", message.reading)
        return Reading(**json.loads(found[0][0])) if found else None

    def delivered(self, message: Message, error: str | None) -> None:
        """Record an attempt: None for one that arrived, else why not."""
        now, attempts = time.time(), message.attempts + 1
        over = error is not None and message.attempts >= len(RETRIES)
        state = "sent" if error is None else "given-up" if over else "pending"
        following = now if state != "pending" else now + RETRIES[message.attempts]
        with self._writing() as database:
            database.execute(
                "UPDATE message SET state = ?, attempts = ?, next = ?, ended = ?, error = ? WHERE id = ?",
                (state, attempts, following, now, error, message.id),
            )

    def _last(self, count: int, state: str | None) -> list[tuple[int, Reading]]:
        where, values = ("WHERE state = ?", [state]) if state else ("", [])
        rows = self._query(
            f"SELECT id, document FROM reading {where} ORDER BY id DESC LIMIT ?",  # noqa: S608 - no input
            *values,
            count,
        )
        return [(number, Reading(**json.loads(document))) for number, document in reversed(rows)]

    def _query(self, text: str, *values: Any) -> list[Any]:
        if not self._path.exists():
            return []
        try:
            with closing(self._open()) as database:
                return database.execute(text, values).fetchall()
        except sqlite3.Error:
            if self._path.exists():
                raise
            return []  # the monitor was removed meanwhile

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(self._open()) as database:
            database.execute("BEGIN IMMEDIATE")
            with database:
                yield database

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=60, isolation_level=None)
        database.executescript(_TABLES)
        if "series" not in {row[1] for row in database.execute("PRAGMA table_info(reading)")}:
            with suppress(sqlite3.OperationalError):  # another process has just done so
                database.execute("ALTER TABLE reading ADD COLUMN series TEXT")
        return database
