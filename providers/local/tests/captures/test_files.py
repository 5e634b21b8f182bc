from __future__ import annotations

import os
from pathlib import Path

import pytest
from mlstack_local.captures import files
from mlstack_local.captures.rows import sampled

START = 1767323045.25


def made(folder: Path, after: float, size: int) -> Path:
    path = files.parquet(folder, files.stem(START + after))
    path.write_bytes(b"x" * size)
    os.utime(path, (START + after + 10, START + after + 10))
    return path


def test_names_tell_the_first_time() -> None:
    path = files.parquet(Path("f"), files.stem(START))
    assert path == Path("f/20260102T030405.250000.parquet")
    assert files.first_time(path) == START
    assert files.first_time(files.stream(Path("f"), files.stem(START))) == START
    with pytest.raises(ValueError, match="not match"):
        files.first_time(Path("f/mine.parquet"))


def test_only_files_of_ours_are_seen(tmp_path: Path) -> None:
    late, early = made(tmp_path, 100, 1), made(tmp_path, 0, 1)
    for name in (f".{late.name}", "mine.parquet", "_mine.arrows", f"_{late.name}"):
        (tmp_path / name).write_text("x")
    assert files.parquets(tmp_path) == [early, late]
    assert files.streams(tmp_path) == []
    assert files.parquets(tmp_path / "none") == []


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    listed = [made(tmp_path, after, 10) for after in (0, 100, 200)]
    assert files.prune(tmp_path, None, START + 10_000) == []
    # The first file's last row is of START + 10, the second one's of START + 110.
    assert files.prune(tmp_path, 50, START + 60) == []
    assert files.prune(tmp_path, 50, START + 60.5) == listed[:1]
    assert files.prune(tmp_path, 50, START + 1000) == listed[1:]


def test_what_is_too_much_goes_oldest_first(tmp_path: Path) -> None:
    listed = [made(tmp_path, after, 100) for after in (0, 100, 200, 300)]
    files.stream(tmp_path, files.stem(START + 400)).write_bytes(b"x" * 100)
    assert files.prune(tmp_path, None, START, cap=500) == []
    assert files.prune(tmp_path, None, START, cap=350) == listed[:2]
    assert files.parquets(tmp_path) == listed[2:]


def test_the_sample_is_of_the_wanted_size_and_the_same_for_the_same_id() -> None:
    ids = [f"request-{number}".encode() for number in range(20_000)]
    chosen = {request_id for request_id in ids if sampled(request_id, 0.1)}
    # 3 standard deviations of a binomial are 127.
    assert 1873 <= len(chosen) <= 2127
    assert chosen == {request_id for request_id in ids if sampled(request_id, 0.1)}
    assert chosen < {request_id for request_id in ids if sampled(request_id, 0.2)}
    assert all(sampled(request_id, 1.0) for request_id in ids[:100])
    assert not any(sampled(request_id, 0.0) for request_id in ids[:100])
