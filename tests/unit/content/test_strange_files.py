"""What is in folders of data besides plain files."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlstack import content
from mlstack.errors import TargetError


@pytest.fixture
def folder() -> Iterator[Path]:
    """Below folders that anybody may look into."""
    made = Path(tempfile.mkdtemp(prefix="strange-"))
    made.chmod(0o755)
    (made / "data").mkdir()
    (made / "data" / "rows.csv").write_text("a\n1\n")
    yield made / "data"
    shutil.rmtree(made)


def refusal(path: Path) -> TargetError:
    with pytest.raises(TargetError) as caught:
        content.digest(path)
    assert caught.value.remedy
    return caught.value


def test_links_count_by_what_they_lead_to(folder: Path) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "more.csv").write_text("b\n")
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    shutil.copytree(outside, copy / "linked")
    shutil.copy(outside / "more.csv", copy / "same.csv")
    (folder / "linked").symlink_to(outside)
    (folder / "same.csv").symlink_to(outside / "more.csv")
    assert content.digest(folder) == content.digest(copy)
    before = content.digest(folder)
    (outside / "more.csv").write_text("c\n")
    assert content.digest(folder) != before


def test_a_link_that_leads_nowhere(folder: Path) -> None:
    (folder / "gone.csv").symlink_to("nothing.csv")
    error = refusal(folder)
    assert error.code == "unreadable"
    assert error.message.endswith("gone.csv is a link to nothing.csv, which is not there")


@pytest.mark.parametrize("to", [".", "..", "../../data"])
def test_a_link_into_itself(folder: Path, to: str) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "again").symlink_to(to)
    assert "a link to a folder that it is in itself" in refusal(folder).message


def test_links_that_lead_to_each_other(folder: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        (folder / name).mkdir()
        (folder / name / "on").symlink_to(f"../{other}")
        (folder / name / "again").symlink_to(f"../{other}")
    assert "a link to a folder that it is in itself" in refusal(folder).message


def test_empty_folders_do_not_count(folder: Path) -> None:
    before = content.digest(folder)
    (folder / "empty" / "deeper").mkdir(parents=True)
    assert content.digest(folder) == before
    assert content.version(folder / "empty") == "e3b0c44298fc"


@pytest.mark.parametrize("inside", [True, False])
def test_sockets_and_pipes_are_no_data(folder: Path, inside: bool) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s"))
        assert "s is a socket" in refusal(folder if inside else folder / "s").message
    (folder / "s").unlink()
    os.mkfifo(folder / "p")  # to open it would wait for ever
    assert "p is a pipe" in refusal(folder if inside else folder / "p").message


@pytest.mark.parametrize("what", ["rows.csv", "deep"])
def test_what_may_not_be_read(folder: Path, what: str) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "file").touch()
    (folder / what).chmod(0)
    nobody, me = 65534, os.geteuid()
    if me == 0:
        os.seteuid(nobody)
    try:
        error = refusal(folder)
    finally:
        if me == 0:
            os.seteuid(me)
        (folder / what).chmod(0o755)
    assert error.category == "permission"
    assert error.message.endswith(f"{what} cannot be read: Permission denied")


def test_names_that_are_no_utf8(folder: Path) -> None:
    before = content.digest(folder)
    name = os.fsdecode(b"caf\xe9.csv")
    (folder / name).write_text("x")
    after = content.digest(folder)
    assert after != before
    (folder / name).rename(folder / os.fsdecode(b"caf\xe8.csv"))
    assert content.digest(folder) not in (before, after)
    (folder / os.fsdecode(b"\xff")).symlink_to("nothing")
    assert "\\xff is a link" in refusal(folder).message


def test_a_file_that_is_written_to_all_the_time(folder: Path) -> None:
    busy = folder / "busy.log"
    busy.write_bytes(bytes(20 << 20))
    stop = threading.Event()

    def write() -> None:
        with busy.open("ab", buffering=0) as stream:
            while not stop.is_set():
                stream.write(b"line\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        error = refusal(folder)
    finally:
        stop.set()
        writer.join()
    assert (error.code, error.category) == ("content-changes", "transient")
    assert error.message.endswith("busy.log changes while it is read")


def test_thousands_of_files(folder: Path) -> None:
    for number in range(3000):
        (folder / f"{number:04}.txt").write_text(str(number))
    assert len(list(content.files(folder))) == 3001
    assert content.digest(folder) == content.digest(folder)
