from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from mlstack_local import captures
from mlstack_local.captures import files, recorder
from mlstack_local.captures.recorder import Recorder, Settings
from mlstack_local.captures.stream import Stream

Make = Callable[..., Any]


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def now(row: Make) -> Make:
    return lambda after=0.0, *rest, **more: row(after, *rest, start=time.time(), **more)


def test_rows_are_there_soon_and_are_parquet_in_the_end(tmp_path: Path, now: Make) -> None:
    blue, green = tmp_path / "blue", tmp_path / "green"
    made = Recorder()
    made.follow({"blue": Settings(blue, 3600, None), "green": Settings(green, 3600, None)})
    for number in range(2500):
        made.offer(now(number / 1000))
    made.offer(now(deployment="green"))
    until(lambda: made.written == {"blue": 2500, "green": 1})
    assert captures.read(blue).num_rows == 2500
    assert files.parquets(blue) == []
    made.offer(now(3))
    made.close()
    assert (made.written["blue"], made.dropped) == (2501, {})
    [file] = files.parquets(blue)
    assert pq.read_table(file).num_rows == 2501
    assert (len(files.parquets(green)), files.streams(blue)) == (1, [])


def test_without_captures_there_is_no_thread_and_no_file(tmp_path: Path) -> None:
    made = Recorder()
    made.follow({})
    made.close()
    assert list(tmp_path.iterdir()) == []


def test_large_bodies_are_counted_instead(tmp_path: Path, now: Make) -> None:
    made = Recorder()
    made.follow({"blue": Settings(tmp_path, 3600, None)})
    made.offer(now(request=b"x" * recorder.BODY_BYTES))
    made.offer(now(request=b"x" * (recorder.BODY_BYTES + 1)))
    made.close()
    assert (made.written["blue"], made.dropped) == (1, {("blue", "large"): 1})


def test_what_the_thread_cannot_follow_is_dropped_and_counted(tmp_path: Path, now: Make) -> None:
    """The thread has not begun: what may wait is bounded by number and by size."""
    many = Recorder()
    for _ in range(recorder.PENDING_ROWS + 30):
        many.offer(now())
    assert many.dropped == {("blue", "slow"): 30}
    large = Recorder()
    for _ in range(70):
        large.offer(now(request=b"x" * recorder.BODY_BYTES))
    assert 0 < 70 - large.dropped["blue", "slow"] < 64
    large.follow({"blue": Settings(tmp_path, 3600, None)})
    large.close()
    assert large.written["blue"] == 70 - large.dropped["blue", "slow"]
    assert captures.read(tmp_path).num_rows == large.written["blue"]


def test_a_file_ends_when_its_time_is_over(tmp_path: Path, now: Make) -> None:
    made = Recorder()
    made.follow({"blue": Settings(tmp_path, 0.5, None)})
    made.offer(now())
    until(lambda: len(files.parquets(tmp_path)) == 1)
    made.offer(now())
    until(lambda: len(files.parquets(tmp_path)) == 2)
    made.close()
    assert captures.read(tmp_path).num_rows == 2


def test_a_file_ends_when_it_is_large(tmp_path: Path, now: Make) -> None:
    made = Recorder()
    made.follow({"blue": Settings(tmp_path, 3600, None)})
    sent = 0
    while not files.parquets(tmp_path):
        made.offer(now(request=b"x" * recorder.BODY_BYTES))
        sent += 1
        time.sleep(0.002)
    made.close()
    assert sent >= recorder.ROTATE_BYTES // (1 << 20)
    assert captures.read(tmp_path).num_rows == made.written["blue"] == sent - made.dropped["blue", "slow"]


def test_files_that_are_too_old_go(tmp_path: Path, now: Make) -> None:
    made = Recorder()
    old = Stream.create(tmp_path, time.time() - 100)
    old.append([now(-100)])
    old.finish()
    kept = Stream.create(tmp_path, time.time() - 20)
    kept.append([now(-20)])
    last = kept.finish()
    made.follow({"blue": Settings(tmp_path, 3600, 60)})
    until(lambda: files.parquets(tmp_path) == [last])
    made.close()


def test_a_file_that_goes_while_it_is_looked_at_does_not_end_the_capture(tmp_path: Path, now: Make) -> None:
    files.parquet(tmp_path, files.stem(time.time())).symlink_to(tmp_path / "gone")
    made = Recorder()
    made.follow({"blue": Settings(tmp_path, 3600, 60)})
    time.sleep(0.2)
    made.offer(now())
    until(lambda: made.written["blue"] == 1)
    made.close()


def test_what_a_killed_process_left_goes_on_in_one_file(tmp_path: Path, now: Make) -> None:
    left = Stream.create(tmp_path, time.time() - 50)
    left.append([now(-50), now(-49)])
    left.leave()
    made = Recorder()
    made.follow({"blue": Settings(tmp_path, 3600, None)})
    made.offer(now())
    made.close()
    [file] = files.parquets(tmp_path)
    assert pq.read_table(file)["request_id"].to_pylist() == ["id--50", "id--49", "id-0"]


def test_capturing_that_is_turned_off_leaves_parquet(tmp_path: Path, now: Make) -> None:
    made = Recorder()
    made.follow({"blue": Settings(tmp_path / "blue", 3600, None)})
    made.offer(now())
    made.follow({})
    until(lambda: files.parquets(tmp_path / "blue"))
    made.follow({"blue": Settings(tmp_path / "blue", 3600, None)})
    made.offer(now())
    made.close()
    assert captures.read(tmp_path / "blue").num_rows == 2


def test_a_folder_that_cannot_be_written_costs_rows_and_nothing_else(tmp_path: Path, now: Make) -> None:
    (tmp_path / "blue").write_text("in the way")
    made = Recorder()
    made.follow({"blue": Settings(tmp_path / "blue", 3600, None)})
    made.offer(now())
    until(lambda: made.dropped["blue", "failed"] == 1)
    (tmp_path / "blue").unlink()
    made.offer(now())
    until(lambda: made.written["blue"] == 1)
    for path in (tmp_path / "blue").iterdir():
        path.unlink()
    made.offer(now())
    made.close()
    assert made.written["blue"] == 2
    assert captures.read(tmp_path / "blue").num_rows == 1
