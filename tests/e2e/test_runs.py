"""Runs that meet, and runs that are stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.project import MLSTACK, mlstack, processes

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

SLOW = """\
name: slow
data: {rows: {path: rows.csv}}
jobs:
  train:
    command: |-
      echo started && sleep ${{inputs.seconds}} && until [ -e GATE ]; do sleep 0.1; done &&
      cp ${{inputs.rows}} ${{outputs.model}}/model.txt
    inputs: {rows: data.rows, seconds: {value: SECONDS}}
    outputs: {model: {type: folder}}
models:
  m: {from: jobs.train.model, flavor: custom}
"""


def slow_project(folder: Path, seconds: int, gate: Path = Path("/")) -> Path:
    """Its job takes so many seconds, and then as long as the gate is not there."""
    (folder / "rows.csv").write_text("a\n1\n")
    (folder / "mlstack.yaml").write_text(SLOW.replace("SECONDS", str(seconds)).replace("GATE", str(gate)))
    return folder


def start_up(root: Path) -> subprocess.Popen[str]:
    """`up` in the background, once its job has begun."""
    process = subprocess.Popen(
        [MLSTACK, "up", "--yes", "--json"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not any(log.read_text() for log in root.glob(".mlstack/local/*/jobs/train/*/log.txt")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return process


def test_the_second_of_two_runs_is_told_who_holds_the_stack(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    root = slow_project(tmp_path, 0, gate)
    first = start_up(root)
    try:
        second = mlstack(root, "up", "--yes", "--json")
        assert second.returncode == 6
        error = json.loads(second.stdout)["error"]
        assert (error["code"], error["category"]) == ("locked", "conflict")
        assert str(first.pid) in error["message"]
        gate.touch()
        output, errors = first.communicate(timeout=120)
        assert first.returncode == 0, output + errors
        assert mlstack(root, "preview", "--json").returncode == 0
    finally:
        first.kill()
        mlstack(root, "down", "--yes", "--json")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_stops_its_job_and_can_go_on(tmp_path: Path, number: signal.Signals) -> None:
    root = slow_project(tmp_path, 300)
    run = start_up(root)
    try:
        os.kill(run.pid, number)
        output, _ = run.communicate(timeout=120)
        assert run.returncode == 130
        assert json.loads(output)["error"]["code"] == "interrupted"
        assert processes(root) == []
        slow_project(root, 0)
        again = mlstack(root, "up", "--yes", "--json")
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        run.kill()
        mlstack(root, "down", "--yes", "--json")


def test_a_job_goes_on_when_its_command_is_killed_and_is_found_again(tmp_path: Path) -> None:
    root = slow_project(tmp_path, 8)
    run = start_up(root)
    try:
        run.kill()
        run.wait()
        assert "runner" in processes(root)
        again = mlstack(root, "up", "--yes", "--json")
        assert again.returncode == 0, again.stdout + again.stderr
        (log,) = root.glob(".mlstack/local/*/jobs/train/*/log.txt")
        assert log.read_text().count("started") == 1
    finally:
        mlstack(root, "down", "--yes", "--json")


def test_a_failing_job_is_explained_and_tried_again(tmp_path: Path) -> None:
    root = slow_project(tmp_path, 0)
    spec = root / "mlstack.yaml"
    good = spec.read_text()
    spec.write_text(good.replace("echo started &&", "echo the reason >&2; exit 3;"))
    try:
        failed = mlstack(root, "up", "--yes", "--json")
        assert failed.returncode == 1
        error = json.loads(failed.stdout)["error"]
        assert error["category"] == "user"
        line = next(at for at, text in enumerate(good.splitlines(), 1) if text.startswith("  train:"))
        assert error["where"] == f"mlstack.yaml:{line}:3 jobs.train"
        assert "the reason" in error["message"]
        assert "3" in error["message"]
        assert error["remedy"]
        spec.write_text(good)
        again = mlstack(root, "up", "--yes", "--json")
        assert again.returncode == 0, again.stdout + again.stderr
    finally:
        mlstack(root, "down", "--yes", "--json")


def test_a_secret_appears_nowhere_but_in_its_own_file(tmp_path: Path) -> None:
    canary = "c4n4ry-9f1e"
    root = slow_project(tmp_path, 0)
    spec = root / "mlstack.yaml"
    text = spec.read_text().replace("echo started", 'test "$TOKEN" = ' + canary[:6] + "-9f1e")
    text = text.replace("    inputs:", "    secrets: {TOKEN: token}\n    inputs:")
    spec.write_text(text.replace(canary, "$(printf %s c4n4ry-)9f1e") + "secrets: {token: {env: CANARY}}\n")
    try:
        done = mlstack(root, "up", "--yes", "--json", CANARY=canary)
        assert done.returncode == 0, done.stdout + done.stderr
        assert canary not in done.stdout + done.stderr
        holding = [path for path in root.rglob("*") if path.is_file() and canary in path.read_text("latin-1")]
        assert [path.parent.name for path in holding] == ["secrets"]
        assert holding[0].stat().st_mode & 0o077 == 0
        changed = json.loads(mlstack(root, "preview", "--json", CANARY="another").stdout)
        (secret,) = (r for r in changed["resources"] if r["type"] == "mlstack:local:Secret")
        assert secret["op"] == "update"
    finally:
        mlstack(root, "down", "--yes", "--json", CANARY=canary)
    assert [path for path in root.rglob("*") if path.is_file() and canary in path.read_text("latin-1")] == []
    assert not any(str(root) in " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))
