"""Captures as mlstack's own server writes them in a cluster, written by it and read as all others are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlstack_local import captures
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.captures.stream import Stream
from mlstack_serving.capturing import Recorder
from mlstack_serving.capturing import Row as Written
from mlstack_serving.config import Config

START = 1767323045.0


def wrote(folder: Path, *afters: float) -> Path:
    """The file that a server has written of requests of these times."""
    before = set(folder.glob("*"))
    made = Recorder(Config(model="m", capture=str(folder), deployment="main"))
    for after in afters:
        name = f"id-{after:g}"
        made.offer(Written(START + after, name, "/", 200, 0.5, "text/csv", b"\x00\xff", b"{}"))
    made.close()
    [file] = {*folder.glob("*")} - before
    return file


def ids(folder: Path, *times: datetime | None) -> list[str]:
    found: list[str] = captures.read(folder, *times)["request_id"].to_pylist()
    return found


def test_they_are_read_by_the_schema_of_all_captures(tmp_path: Path) -> None:
    wrote(tmp_path, 0)
    table = captures.read(tmp_path)
    assert table.schema == SCHEMA
    [found] = table.to_pylist()
    assert (found["request"], found["response"], found["content_type"]) == (b"\x00\xff", b"{}", "text/csv")
    assert found["time"] == datetime.fromtimestamp(START, UTC)


def test_they_are_in_order_with_other_files(tmp_path: Path, row: Callable[..., Any]) -> None:
    wrote(tmp_path, 20, 25)
    stream = Stream.create(tmp_path, START)
    stream.append([row(0)])
    stream.finish()
    Stream.create(tmp_path, START + 40).append([row(40)])
    assert ids(tmp_path) == ["id-0", "id-20", "id-25", "id-40"]
    until = datetime.fromtimestamp(START + 25, UTC)
    assert ids(tmp_path, None, until) == ["id-0", "id-20"]


def test_a_line_that_is_cut_short_is_left_out(tmp_path: Path) -> None:
    file = wrote(tmp_path, 0, 1)
    file.write_bytes(file.read_bytes()[:-9])
    assert ids(tmp_path) == ["id-0"]
