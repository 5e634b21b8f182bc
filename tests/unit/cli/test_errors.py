"""Any exception becomes three lines or one object, and the exit code of its sort."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest
import typer

from mlstack.cli import errors, log
from mlstack.errors import (
    AnswerNeeded,
    EngineError,
    LockedError,
    MlstackError,
    Problem,
    RefusedError,
    SpecError,
    TargetError,
    UsageError,
)

PROBLEM = Problem("wrong-type", "'many' is no number", "jobs.train.nodes", "mlstack.yaml", 6, 12, "write 2")

EXITS = [
    (TargetError("the cloud said no"), 1),
    (EngineError("the engine said no"), 1),
    (UsageError("no such thing"), 2),
    (SpecError([PROBLEM]), 3),
    (RefusedError("too dear"), 4),
    (AnswerNeeded("really?"), 5),
    (LockedError("busy"), 6),
    (KeyboardInterrupt(), 130),
    (typer.Abort(), 130),
    (PermissionError(errno.EACCES, "Permission denied", "/data"), 1),
]


@pytest.mark.parametrize(("error", "code"), EXITS, ids=lambda value: type(value).__name__)
def test_each_sort_has_its_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert errors.report(error, ["up"]) == code
    assert len([line for line in capsys.readouterr().err.splitlines() if line.strip()]) == 3


@pytest.mark.parametrize(("error", "code"), EXITS, ids=lambda value: type(value).__name__)
def test_each_sort_is_one_object_in_json(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    errors.report(error, ["up", "--json"])
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert captured.err == ""
    if isinstance(error, SpecError):
        assert answer == {"errors": [PROBLEM.as_json()]}
    else:
        assert set(answer["error"]) == {"code", "category", "message", "where", "remedy"}
        assert all(answer["error"].values())


def test_the_three_lines_say_what_where_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    errors.report(LockedError("another run holds it", where="locks/dev.json", remedy="wait"), ["up"])
    assert capsys.readouterr().err == ("error: another run holds it [locked]\n  at locks/dev.json\n  wait\n")


def test_each_problem_of_a_spec_has_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    errors.report(SpecError([PROBLEM, PROBLEM]), ["validate"])
    once = (
        "error: jobs.train.nodes: 'many' is no number [wrong-type]\n"
        "  at mlstack.yaml:6:12 jobs.train.nodes\n  write 2\n"
    )
    assert capsys.readouterr().err == once * 2


def test_a_message_that_names_its_field_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem("unknown-key", "'timout' is not known here", "jobs.train.timout", remedy="timeout?")
    errors.report(SpecError([problem]), ["validate"])
    assert capsys.readouterr().err.startswith("error: 'timout' is not known here")


def test_a_long_message_keeps_its_lines_below_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    errors.report(TargetError("the job failed\nTraceback\n\n  ValueError", where="jobs.train"), ["up"])
    assert capsys.readouterr().err.splitlines()[:4] == [
        "error: the job failed [target-failed]",
        "    Traceback",
        "      ValueError",
        "  at jobs.train",
    ]


def test_what_nobody_foresaw_is_a_bug_with_its_traceback_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / ".mlstack"
    home.mkdir()
    monkeypatch.setattr(log, "_home", home)
    try:
        raise ZeroDivisionError("of all things")
    except ZeroDivisionError as error:
        told = errors.told(error, ["up"])
    assert (told.code, told.category, told.exit_code) == ("internal-error", "bug", 1)
    assert told.message == "ZeroDivisionError: of all things"
    assert str(home / "log" / "mlstack.log") in (told.remedy or "")
    written = (home / "log" / "mlstack.log").read_text()
    assert "Traceback" in written
    assert "ZeroDivisionError: of all things" in written


def test_outside_a_project_the_log_is_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_home", tmp_path / "nowhere")
    file = log.write(RuntimeError("alone"))
    try:
        assert "RuntimeError: alone" in file.read_text()
        assert not (tmp_path / "nowhere").exists()
    finally:
        file.unlink()


def test_a_log_that_cannot_be_written_is_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").write_text("something else in its place")
    monkeypatch.setattr(log, "_home", tmp_path)
    file = log.write(RuntimeError("rows-\udcff.csv"))
    try:
        assert r"RuntimeError: rows-\udcff.csv" in file.read_text(encoding="utf-8")
    finally:
        file.unlink()


def test_what_the_folder_is_to_blame_for_is_no_bug() -> None:
    told = errors.told(OSError(errno.EROFS, "Read-only file system", "/data/.mlstack"), ["up"])
    assert (told.code, told.category, told.exit_code) == ("no-access", "user", 1)
    assert told.message == "/data/.mlstack: Read-only file system"


def test_a_stopped_part_of_a_command_names_the_command() -> None:
    class StoppedError(MlstackError):
        exit_code = 130

    told = errors.told(
        StoppedError("preview was stopped", remedy="`mlstack preview` goes on"), ["up", "--yes"]
    )
    assert told.remedy == "`mlstack up` goes on from there"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [(["up", "--json"], True), (["up"], False), (["logs", "--", "--json"], False), ([], False)],
)
def test_json_is_seen_before_the_line_is_parsed(arguments: list[str], wanted: bool) -> None:
    assert errors.wants_json(arguments) is wanted


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise UsageError("no")
    except UsageError as error:
        errors.report(error, ["up", "--debug"])
    assert re.search(r"Traceback .*UsageError", capsys.readouterr().err, re.DOTALL)
