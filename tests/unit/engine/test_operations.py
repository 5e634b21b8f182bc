"""What an operation says and does when the user stops it before the engine's own part of it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mlstack.engine.install import Engine
from mlstack.engine.operations import Interrupted, Operator
from mlstack.engine.project import Project


@pytest.mark.parametrize(
    ("ending", "count"), [("trap '' INT", 1), ("", 1), ("trap '' INT; kill -INT $PPID; sleep 0.2", 2)]
)
def test_a_stop_before_the_engine_s_own_part_is_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, count: int
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of a test")
    monkeypatch.setenv("PULUMI_BACKEND_URL", (tmp_path / "states").as_uri())
    told = tmp_path / "told"
    program = tmp_path / "pulumi"
    program.write_text(f'#!/bin/sh\n{ending}\necho "$*" >> "{told}"\nkill -INT $PPID\nsleep 0.2\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    heard: list[int] = []
    project = Project(tmp_path, "digits", "dev", "local", lambda: None, {"name": "digits"})
    operator = Operator(project, Engine(program, "3.259.0", "path"), on_interrupt=heard.append)
    with pytest.raises(Interrupted) as caught:
        operator.up()
    assert caught.value.exit_code == 130
    assert ("half done" in caught.value.message) == (count > 1)
    assert heard == list(range(1, count + 1))
    (line,) = told.read_text().splitlines()
    assert "stack init dev" in line, "the engine has been asked for nothing more"


def test_a_look_at_a_stack_makes_nothing_on_a_backend_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of a test")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    told = tmp_path / "told"
    program = tmp_path / "pulumi"
    program.write_text(
        f'#!/bin/sh\necho "$PULUMI_BACKEND_URL $*" >> "{told}"\n'
        "case $PULUMI_BACKEND_URL in s3:*)\n"
        "echo \"error: no stack named 'acme/dev' found\" >&2; exit 255;; esac\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    project = Project(tmp_path, "digits", "acme/dev", "local", lambda: None, {"name": "digits"})
    assert Operator(project, Engine(program, "3.259.0", "path")).resources() == []
    asked = [line for line in told.read_text().splitlines() if line.startswith("s3:")]
    assert asked == ["s3://states --non-interactive stack --stack acme/dev --show-name"]
    assert "stack init dev " in told.read_text(), "in a state that is thrown away"
