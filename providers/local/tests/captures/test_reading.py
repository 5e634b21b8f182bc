from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from mlstack_local import captures
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.captures.stream import Stream

Make = Callable[..., Any]
START = 1767323045.0


def at(after: float) -> datetime:
    return datetime.fromtimestamp(START + after, UTC)


def ids(folder: Path, *times: datetime | None) -> list[str]:
    found: list[str] = captures.read(folder, *times)["request_id"].to_pylist()
    return found


def folder_of(tmp_path: Path, row: Make) -> Path:
    """Two files and a stream; the second file has a row of the time of the first."""
    first = Stream.create(tmp_path, START)
    first.append([row(0), row(10), row(5)])
    first.finish()
    second = Stream.create(tmp_path, START + 20)
    second.append([row(20), row(30), row(8)])
    second.finish()
    stream = Stream.create(tmp_path, START + 40)
    stream.append([row(40), row(50)])
    return tmp_path


def test_nothing_is_an_empty_table(tmp_path: Path) -> None:
    assert captures.read(tmp_path / "none") == SCHEMA.empty_table()


def test_files_and_streams_are_read_in_order(tmp_path: Path, row: Make) -> None:
    folder = folder_of(tmp_path, row)
    assert ids(folder) == ["id-0", "id-5", "id-10", "id-8", "id-20", "id-30", "id-40", "id-50"]
    assert captures.read(folder).schema == SCHEMA


def test_times_bound_what_is_read(tmp_path: Path, row: Make) -> None:
    folder = folder_of(tmp_path, row)
    assert ids(folder, at(8)) == ["id-10", "id-8", "id-20", "id-30", "id-40", "id-50"]
    assert ids(folder, at(30)) == ["id-30", "id-40", "id-50"]
    assert ids(folder, None, at(10)) == ["id-0", "id-5", "id-8"]
    assert ids(folder, at(10), at(50)) == ["id-10", "id-20", "id-30", "id-40"]
    assert ids(folder, at(60)) == []
    east = at(50).astimezone(timezone(timedelta(hours=5)))
    assert ids(folder, east) == ["id-50"]
    assert ids(folder, at(50).astimezone().replace(tzinfo=None)) == ["id-50"]


def test_a_reader_misses_and_doubles_nothing_while_files_change(tmp_path: Path, row: Make) -> None:
    """Streams become parquet under a reader again and again; what it was sure of stays there."""
    written = 0
    done = threading.Event()

    def write() -> None:
        nonlocal written
        for number in range(60):
            stream = Stream.create(tmp_path, START + number)
            for part in range(3):
                stream.append([row(number + part / 10)])
                written += 1
            stream.finish()
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        least = written
        found = ids(tmp_path)
        assert len(found) == len(set(found))
        assert len(found) >= least
    writer.join()
    assert len(ids(tmp_path)) == 180
