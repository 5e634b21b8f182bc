"""Finding, limiting and decoding a spec file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlstack.errors import Problem, SpecError
from mlstack.spec.load.limits import MAX_BYTES
from mlstack.spec.load.read import decode, find, read_text


def refused(action: object, *arguments: object) -> Problem:
    assert callable(action)
    with pytest.raises(SpecError) as caught:
        action(*arguments)
    (problem,) = caught.value.problems
    assert problem.remedy
    return problem


def test_a_file_or_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "mlstack.yaml"
    file.write_text("a: 1\n")
    assert find(tmp_path) == file
    assert find(str(file)) == file
    assert read_text(file) == "a: 1\n"


def test_no_file(tmp_path: Path) -> None:
    for given in (tmp_path, tmp_path / "other.yaml", tmp_path / "a" / "b", tmp_path / ("x" * 300)):
        problem = refused(find, given)
        assert problem.code == "no-spec"
        assert "mlstack new" in str(problem.remedy)
    assert refused(find, "a\0b").code == "no-spec"


def test_the_other_ending_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "mlstack.yml").write_text("a: 1")
    assert "mv mlstack.yml mlstack.yaml" in str(refused(find, tmp_path).remedy)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mlstack.yaml")
    assert refused(find, tmp_path).code == "unreadable-spec"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "mlstack.yaml"
    file.touch(mode=0)
    assert refused(read_text, file).code == "unreadable-spec"


@pytest.mark.timeout(60)
def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "mlstack.yaml"
    with file.open("wb") as stream:
        stream.truncate(20_000_000_000)  # sparse: reading it whole would take minutes
    assert refused(read_text, file).code == "too-large"


def test_the_limit_is_exact() -> None:
    assert decode(b"#" * MAX_BYTES, "f") == "#" * MAX_BYTES
    assert refused(decode, b"#" * (MAX_BYTES + 1), "f").code == "too-large"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", "f") == "a: 1"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_not_utf8_names_the_byte_and_the_line(mark: bytes) -> None:
    raw = mark + "ok: ä\n".encode() + b"a: x\xe4\n"
    problem = refused(decode, raw, "f")
    assert (problem.code, problem.line, problem.column) == ("bad-encoding", 2, 5)
    offset = len(mark) + 11
    assert raw[offset] == 0xE4
    assert f"0xe4 at offset {offset}" in problem.message


def test_utf_16_is_recognised() -> None:
    assert "UTF-16" in str(refused(decode, "a: 1".encode("utf-16"), "f").remedy)
