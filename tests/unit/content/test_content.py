"""Versions from content: the same bytes, the same version, and nothing else counts."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack import content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "code"
    (root / "inner").mkdir(parents=True)
    (root / "train.py").write_text("print(1)\n")
    (root / "inner" / "util.py").write_text("x = 1\n")
    return root


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "big.bin"
    data = os.urandom(3 * (1 << 20) + 17)  # more than the chunk it is read in
    file.write_bytes(data)
    assert content.digest(file) == hashlib.sha256(data).hexdigest()
    assert content.version(file) == hashlib.sha256(data).hexdigest()[:12]


def test_a_folder_is_the_same_elsewhere_and_later(folder: Path, tmp_path: Path) -> None:
    before = content.digest(folder)
    copy = tmp_path / "another name"
    shutil.copytree(folder, copy)
    os.utime(copy / "train.py", (1, 1))
    (copy / "train.py").chmod(0o755)
    assert content.digest(copy) == before


@pytest.mark.parametrize("change", ["content", "name", "added", "removed", "moved"])
def test_any_change_of_a_folder_is_another_version(folder: Path, change: str) -> None:
    before = content.version(folder)
    match change:
        case "content":
            (folder / "train.py").write_text("print(2)\n")
        case "name":
            (folder / "train.py").rename(folder / "train2.py")
        case "added":
            (folder / "more.py").write_text("")
        case "removed":
            (folder / "inner" / "util.py").unlink()
        case "moved":
            (folder / "inner" / "util.py").rename(folder / "util.py")
    assert content.version(folder) != before


def test_caches_and_version_control_do_not_count(folder: Path) -> None:
    before = content.digest(folder)
    for name in (*content.IGNORED, "inner/__pycache__"):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "file").write_text("noise")
    (folder / "inner" / "old.pyc").write_bytes(b"\0")
    assert content.digest(folder) == before
    assert [file.relative_to(folder).as_posix() for file in content.files(folder)] == [
        "inner/util.py",
        "train.py",
    ]


def test_files_come_in_the_order_of_their_posix_names(tmp_path: Path) -> None:
    for name in ("b/a", "b.txt", "a", "b/c/d", "B"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = [file.relative_to(tmp_path).as_posix() for file in content.files(tmp_path)]
    assert found == sorted(found) == ["B", "a", "b.txt", "b/a", "b/c/d"]


def test_what_is_not_there_has_no_digest(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        content.digest(tmp_path / "nothing")


@given(st.lists(st.text()), st.lists(st.text()))
def test_parts_of_a_fingerprint_are_kept_apart(one: list[str], other: list[str]) -> None:
    assert (content.fingerprint(*one) == content.fingerprint(*other)) == (one == other)
    assert len(content.fingerprint(*one)) == 12


def test_a_fingerprint_never_changes() -> None:
    assert content.fingerprint("a", "bc") == hashlib.sha256(b"1:a2:bc").hexdigest()[:12]
    assert content.fingerprint("ab", "c") != content.fingerprint("a", "bc")


def test_sizes_for_people() -> None:
    assert [content.size(n) for n in (0, 999, 1000, 2_147_483_648)] == ["0 B", "999 B", "1.0 kB", "2.1 GB"]
