"""The file that rows are appended to: cut short, taken up, turned into parquet, shared with nobody."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlstack_local import captures
from mlstack_local.captures import files
from mlstack_local.captures.schema import SCHEMA
from mlstack_local.captures.stream import Stream

Make = Callable[..., Any]
START = 1767323045.0
NAME = "20260102T030405.000000"


def test_rows_become_one_parquet_file_that_only_their_owner_reads(tmp_path: Path, row: Make) -> None:
    folder = tmp_path / "captures" / "digits" / "blue"
    stream = Stream.create(folder, START)
    assert stream.path == folder / f"_{NAME}.arrows"
    stream.append([row(0), row(1)])
    stream.append([row(7, b"\x00\xff" * 100), row(3)])
    target = stream.finish()
    assert target == folder / f"{NAME}.parquet"
    assert list(folder.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert target.stat().st_mtime == START + 7
    table = pq.read_table(target)
    assert table.schema == SCHEMA
    assert table["request_id"].to_pylist() == ["id-0", "id-1", "id-7", "id-3"]
    assert table["request"].to_pylist()[2] == b"\x00\xff" * 100
    first = table.slice(0, 1).to_pylist()[0]
    assert first.pop("time").isoformat() == "2026-01-02T03:04:05+00:00"
    assert first == {
        "request_id": "id-0",
        "deployment": "blue",
        "generation": "g1",
        "path": "/v2/models/digits/infer",
        "status": 200,
        "seconds": 0.25,
        "content_type": "text/csv",
        "request": b"1,2",
        "response": b'{"predictions":[1]}',
    }


@pytest.mark.parametrize("lost", [1, 7, 300, 850])
def test_what_a_killed_writer_left_is_taken_up_to_its_last_whole_batch(
    tmp_path: Path, row: Make, lost: int
) -> None:
    stream = Stream.create(tmp_path, START)
    stream.append([row(0), row(1)])
    whole = stream.size
    stream.append([row(2)])
    assert stream.size - whole > lost
    os.truncate(stream.path, stream.size - lost)
    stream.leave()
    assert captures.read(tmp_path)["request_id"].to_pylist() == ["id-0", "id-1"]
    again = Stream.take_up(stream.path)
    assert again
    assert (again.size, again.last, again.first) == (whole, START + 1, START)
    again.append([row(9)])
    target = again.finish()
    assert target
    assert pq.read_table(target)["request_id"].to_pylist() == ["id-0", "id-1", "id-9"]


@pytest.mark.parametrize("left", [0, 5, 100])
def test_one_that_holds_no_row_is_removed(tmp_path: Path, left: int) -> None:
    stream = Stream.create(tmp_path, START)
    os.truncate(stream.path, left)
    stream.leave()
    assert Stream.take_up(stream.path) is None
    assert list(tmp_path.iterdir()) == []
    assert Stream.take_up(stream.path) is None


def test_one_that_is_being_written_is_nobody_elses(tmp_path: Path, row: Make) -> None:
    stream = Stream.create(tmp_path, START)
    stream.append([row(0)])
    assert Stream.take_up(stream.path) is None
    other = Stream.create(tmp_path, START)
    assert other.path.name == "_20260102T030405.000001.arrows"
    stream.append([row(1)])
    assert stream.finish()
    assert other.is_there()
    third = Stream.create(tmp_path, START)
    assert third.path.name == "_20260102T030405.000002.arrows"


def test_a_writer_that_is_killed_lets_go_of_its_file(tmp_path: Path, row: Make) -> None:
    program = """
import os, signal, sys, time
from pathlib import Path
from mlstack_local.captures.rows import Row
from mlstack_local.captures.stream import Stream
stream = Stream.create(Path(sys.argv[1]), 1767323045.0)
stream.append([Row(1767323045.0, "mine", "blue", "g", "/", 200, 0.1, "", b"", b"")])
print("ready", flush=True)
time.sleep(60)
"""
    writer = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert writer.stdout
    assert writer.stdout.readline() == b"ready\n"
    [path] = files.streams(tmp_path)
    assert Stream.take_up(path) is None
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    taken = Stream.take_up(path)
    assert taken
    taken.append([row(1)])
    taken.leave()
    assert captures.read(tmp_path)["request_id"].to_pylist() == ["mine", "id-1"]


def test_a_writer_killed_between_parquet_and_the_end_of_its_stream_doubles_nothing(
    tmp_path: Path, row: Make
) -> None:
    stream = Stream.create(tmp_path, START)
    stream.append([row(0)])
    kept = stream.path.read_bytes()
    assert stream.finish()
    stream.path.write_bytes(kept)
    assert captures.read(tmp_path).num_rows == 1
    assert Stream.take_up(stream.path) is None
    assert not stream.path.exists()
    assert captures.read(tmp_path).num_rows == 1


def test_a_full_disk_loses_the_batch_and_nothing_before_it(tmp_path: Path, row: Make) -> None:
    """A limit on the size of files stands for the disk: the write comes back short, then fails."""
    stream = Stream.create(tmp_path, START)
    stream.append([row(0)])
    whole = stream.size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole + 5000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            stream.append([row(1, b"x" * 10_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert stream.path.stat().st_size == stream.size == whole
    stream.append([row(2)])
    assert captures.read(tmp_path)["request_id"].to_pylist() == ["id-0", "id-2"]


def test_a_stream_that_someone_removed_is_not_missed(tmp_path: Path, row: Make) -> None:
    stream = Stream.create(tmp_path, START)
    stream.append([row(0)])
    assert stream.is_there()
    stream.path.unlink()
    assert not stream.is_there()
    assert stream.finish() is None


def test_readers_of_parquet_folders_pass_streams_over(tmp_path: Path, row: Make) -> None:
    done = Stream.create(tmp_path, START)
    done.append([row(0)])
    done.finish()
    going_on = Stream.create(tmp_path, START + 60)
    going_on.append([row(60)])
    assert pq.read_table(tmp_path).num_rows == 1
    with pa.OSFile(str(going_on.path)) as source, pa.ipc.open_stream(source) as reader:
        assert reader.read_all().num_rows == 1
    assert captures.read(tmp_path).num_rows == 2


def test_a_large_stream_becomes_groups_that_fit_into_memory(tmp_path: Path, row: Make) -> None:
    stream = Stream.create(tmp_path, START)
    for number in range(20):
        stream.append([row(number, os.urandom(1 << 20)) for _ in range(2)])
    target = stream.finish()
    assert target
    found = pq.ParquetFile(target)
    assert found.metadata.num_rows == 40
    assert found.num_row_groups == 3
