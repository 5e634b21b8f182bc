"""Folders that others change at the same time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mlstack_local.files import matching, modified, remove_tree, size_of

WRITER = """
import itertools, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
print("up", flush=True)
for number in range(200):
    try:
        (folder / "in" / f"{number}").write_text("x")
    except FileNotFoundError:
        pass
    time.sleep(0.001)
"""


@contextmanager
def going_on(step: Callable[[], object]) -> Iterator[None]:
    """Have a thread do this over and over."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            step()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_what_matches_is_told_while_folders_come_and_go(tmp_path: Path) -> None:
    (tmp_path / "b" / "runs").mkdir(parents=True)
    (tmp_path / "b" / "runs" / "run.json").touch()

    def come_and_go() -> None:
        for name in ("a", "c"):
            (tmp_path / name / "runs" / "x").mkdir(parents=True)
            shutil.rmtree(tmp_path / name)

    with going_on(come_and_go):
        for _ in range(300):
            assert matching(tmp_path, "*/*/run.json") == [tmp_path / "b" / "runs" / "run.json"]
            assert matching(tmp_path, "**/run.json") == [tmp_path / "b" / "runs" / "run.json"]
    assert matching(tmp_path / "none") == []


def test_a_folder_goes_although_somebody_still_writes_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    (folder / "in").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        remove_tree(folder)
        assert not folder.exists()
    remove_tree(folder)


def test_of_what_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert (modified(file), size_of(file)) == (None, 0)
    file.write_text("four")
    assert (modified(file), size_of(file)) == (file.stat().st_mtime, 4)
    assert (modified(file / "below"), size_of(file / "below")) == (None, 0)
