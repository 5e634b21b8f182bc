"""The index of digests: nothing is read twice, and nothing that changed is taken for what it was."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlstack import content
from mlstack.content.index import is_settled

SIZE = 8 << 20


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLSTACK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    path.write_bytes(os.urandom(SIZE))
    settle()
    return path


def settle() -> None:
    """Until what was written is safely older than now."""
    time.sleep(0.1)


def read_by(call: Callable[[], object]) -> int:
    """Bytes that this process read from files meanwhile."""
    before = _read()
    call()
    return _read() - before


def _read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/io").exists(), reason="needs Linux's count of bytes read"
)


def test_an_untouched_file_is_read_once(file: Path) -> None:
    expected = hashlib.sha256(file.read_bytes()).hexdigest()
    assert read_by(lambda: content.digest(file)) >= SIZE
    assert read_by(lambda: content.digest(file)) < SIZE / 10
    assert content.digest(file) == expected
    moved = file.rename(file.with_name("other"))  # that changes the time of its change: it is read again
    assert content.digest(moved) == expected


@pytest.mark.parametrize("change", ["in place", "same size and time", "replaced", "longer"])
def test_a_touched_file_is_read_again(file: Path, change: str) -> None:
    before = content.digest(file)
    stat = file.stat()
    match change:
        case "in place":
            with file.open("r+b") as stream:
                stream.write(b"changed")
        case "same size and time":
            file.write_bytes(os.urandom(SIZE))
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        case "replaced":
            other = file.with_name("new")
            other.write_bytes(os.urandom(SIZE))
            os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            other.replace(file)
        case "longer":
            with file.open("ab") as stream:
                stream.write(b"more")
    assert content.digest(file) == hashlib.sha256(file.read_bytes()).hexdigest() != before


def test_a_file_that_was_just_written_is_not_trusted(tmp_path: Path) -> None:
    """Two writes of one size within a tick of the file system's clock look alike."""
    path = tmp_path / "racy"
    for number in range(300):
        path.write_bytes(b"%05d" % number)
        assert content.digest(path) == hashlib.sha256(b"%05d" % number).hexdigest()


def test_coarse_clocks_need_more_distance(file: Path) -> None:
    class Whole:
        st_mtime_ns = st_ctime_ns = 5 * 10**9

    second = 10**9
    assert not is_settled(Whole(), 7 * second)  # type: ignore[arg-type]
    assert is_settled(Whole(), 8 * second)  # type: ignore[arg-type]
    stat = file.stat()
    newest = max(stat.st_ctime_ns, stat.st_mtime_ns)
    assert not is_settled(stat, newest + second // 100)
    assert is_settled(stat, newest + second // 10)


def test_verifying_reads_everything_once(file: Path, cache: Path) -> None:
    digest = content.digest(file)
    with sqlite3.connect(cache / "digests.sqlite") as index:  # as if the disk had lied
        index.execute("UPDATE files SET digest = ?", (bytes(32),))
    assert content.digest(file) == "00" * 32
    with content.verifying():
        assert read_by(lambda: content.digest(file)) >= SIZE
        assert read_by(lambda: content.digest(file)) < SIZE / 10
        code = "import sys, pathlib; from mlstack import content; "
        code += "print(content.digest(pathlib.Path(sys.argv[1])))"
        ran = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == digest
    assert content.VERIFY not in os.environ
    assert content.digest(file) == digest


@pytest.mark.parametrize("damage", ["no database", "truncated", "other schema", "empty"])
def test_a_broken_index_is_thrown_away(file: Path, cache: Path, damage: str) -> None:
    expected = content.digest(file)
    index = cache / "digests.sqlite"
    if damage == "no database":
        index.write_bytes(os.urandom(20_000))
    elif damage == "truncated":
        index.write_bytes(index.read_bytes()[:5000])
    elif damage == "empty":
        index.write_bytes(b"")
    else:
        with sqlite3.connect(index) as database:
            database.execute("PRAGMA user_version = 99")
            database.execute("DROP TABLE files")
            database.execute("CREATE TABLE files (something TEXT)")
    assert content.digest(file) == expected
    assert content.digest(file) == expected
    assert read_by(lambda: content.digest(file)) < SIZE / 10


def test_where_there_can_be_no_index_there_is_none(file: Path, cache: Path) -> None:
    cache.write_text("a file where the folder would be")
    for _ in range(2):
        assert read_by(lambda: content.digest(file)) >= SIZE


def test_several_processes_share_it(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number}.txt").write_text(str(number))
    settle()
    code = (
        "import sys, pathlib; from mlstack import content; folder = pathlib.Path(sys.argv[1]);"
        "print({content.version(folder) for _ in range(20)})"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    ended = [process.communicate() for process in started]
    assert {(out, err) for out, err in ended} == {(f"{{'{content.version(folder)}'}}\n", "")}
    with sqlite3.connect(cache / "digests.sqlite") as index:
        assert index.execute("SELECT count(*) FROM files").fetchone() == (200,)


def test_of_a_folder_only_what_changed_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.bin").write_bytes(os.urandom(SIZE // 4))
    settle()
    before = content.digest(folder)
    (folder / "3.bin").write_bytes(os.urandom(SIZE // 4))
    settle()
    found: list[str] = []
    assert SIZE // 4 <= read_by(lambda: found.append(content.digest(folder))) < SIZE // 2
    assert found != [before]
    assert read_by(lambda: content.digest(folder)) < SIZE / 10


def test_progress_is_told_of_what_is_read(file: Path) -> None:
    told: list[tuple[Path, int, int]] = []
    with content.watched(lambda *told_of: told.append(told_of)):
        content.digest(file)
        counts = [done for _, done, _ in told]
        assert counts[0] == 0
        assert counts[-1] == SIZE
        assert counts == sorted(counts)
        assert {(path, total) for path, _, total in told} == {(file, SIZE)}
        told.clear()
        content.digest(file)
        assert told == []
    (file.parent / "another").write_bytes(b"x")
    content.digest(file.parent / "another")
    assert told == []
