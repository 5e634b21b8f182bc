"""The commands around one small stack: a job that prints, writes and can be stopped."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.drawn, pytest.mark.engine, pytest.mark.timeout(300)]

MLSTACK = Path(sys.executable).parent / "mlstack"
SPEC = """\
version: 1
name: greeting
jobs:
  greet:
    command: python greet.py --times ${{inputs.times}} --out ${{outputs.result}}
    code: ./src
    inputs: {times: {value: 2}}
    outputs: {result: {type: folder}}
"""
GREET = """\
import argparse, json, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("--times", type=int)
parser.add_argument("--out", type=pathlib.Path)
args = parser.parse_args()
if args.times < 0:
    raise SystemExit("I cannot greet you that often")
for number in range(args.times):
    print(f"hello {number}", flush=True)
    time.sleep(0.05)
args.out.mkdir(parents=True, exist_ok=True)
(args.out / "metrics.json").write_text(json.dumps({"greetings": args.times}))
"""


@pytest.fixture
def stack(tmp_path: Path, run: Any) -> Iterator[Path]:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "greet.py").write_text(GREET)
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    yield tmp_path
    assert run("down", "--yes").code == 0


def test_what_is_asked_of_a_stack_that_was_never_made(stack: Path, run: Any) -> None:
    for command in ("down", "refresh"):
        answer = json.loads(run(command, "--yes", "--json").stdout)
        assert set(answer["summary"].values()) == {0}
    assert run("outputs", "--json").stdout.strip() == "{}"
    assert json.loads(run("logs", "--json").stdout) == {"logs": []}
    assert run("run", "greet").code == 2
    assert not (stack / ".mlstack").exists()
    assert "absent" in run("status").stdout


def test_jobs_are_read_run_and_stopped(stack: Path, run: Any) -> None:
    up = run("up", "--yes")
    assert up.code == 0, up
    assert "1 created" in up.stdout

    followed = run("logs", "greet", "--follow")  # nothing waits for this job: it may be going still
    assert [line for line in followed.stdout.splitlines() if "hello" in line] == ["hello 0", "hello 1"]
    assert "hello 1" in run("logs").stdout
    assert run("logs", "--access").stdout.strip() == ""  # jobs are asked by nobody
    assert run("logs", "greet", "--access").code == 2
    tail = json.loads(run("logs", "jobs.greet", "--tail", "1", "--json").stdout)["logs"]
    assert [entry["resource"] for entry in tail] == ["jobs.greet"]

    assert run("up", "--yes").code == 0  # it looks how the job went
    assert run("outputs", "jobs.greet.status").stdout.strip() == "succeeded"
    assert "jobs.greet.status" in run("outputs").stdout
    missing = run("outputs", "jobs.gret.status", "--json")
    assert missing.code == 2
    assert "'greet'" in json.loads(missing.stdout)["error"]["remedy"]
    assert "ready" in run("status").stdout

    done = run("run", "greet", "--input", "times=3", "--json")
    assert done.code == 0, done
    answer = json.loads(done.stdout)
    assert answer["metrics"] == {"greetings": 3}
    assert set(answer) == {"id", "status", "metrics", "outputs"}
    assert "hello 2" in done.stderr
    shown = run("run", "greet", "--input", "times=1").stdout
    assert re.search(r"^  greetings +1$", shown, re.M)
    assert re.search(r"^  outputs\.\S+ +\.mlstack/local/\S+$", shown, re.M)
    assert run("preview", "--json").code == 0
    assert json.loads(run("preview", "--json").stdout)["summary"]["update"] == 0, "a run is beside the stack"

    failed = run("run", "greet", "--input", "times=-1", "--json")
    assert failed.code == 1, failed
    assert "I cannot greet you that often" in failed.stderr

    known = json.loads(run("runs", "greet", "--json").stdout)["runs"]
    assert [one["inputs"]["times"] for one in known] == ["-1", "1", "3", "2"]
    assert [one["status"] for one in known] == ["failed", "succeeded", "succeeded", "succeeded"]
    assert [one["own"] for one in known] == [False, False, False, True]
    assert known[2]["metrics"] == {"greetings": 3}
    head, *rows = run("runs", "--last", "2").stdout.splitlines()[1:]
    assert head.split() == ["run", "status", "started", "took", "peak", "times", "greetings"]
    assert len(rows) == 2
    of_one = run("logs", "greet", "--run", known[2]["id"])
    assert of_one.stdout.splitlines() == ["hello 0", "hello 1", "hello 2"]


def test_a_run_that_nobody_waits_for(stack: Path, run: Any) -> None:
    assert run("up", "--yes").code == 0
    begun = json.loads(run("run", "greet", "--detach", "--input", "times=100000", "--json").stdout)
    assert begun["status"] == "running"
    assert f"beside it: {begun['id']}" in run("status").stdout
    assert json.loads(run("cancel", begun["id"], "--json").stdout) == {"id": begun["id"]}
    assert run("cancel", begun["id"]).code == 2
    assert "cancelled" in run("runs").stdout


def test_how_far_an_up_came_that_failed(stack: Path, run: Any) -> None:
    (stack / "rows.csv").write_text("a\n1\n")
    more = (
        "data: {rows: {path: rows.csv, type: file}}\nmodels: {m: {from: jobs.greet.result, flavor: custom}}\n"
    )
    (stack / "mlstack.yaml").write_text(SPEC + more)
    assert run("up", "--yes").code == 0
    failed = run("up", "--yes", "--set", "jobs.greet.inputs.times.value=-1")
    assert failed.code == 1
    assert "! jobs.greet  failed" in failed.stderr
    assert "1 unchanged, 1 failed" in failed.stderr or "2 unchanged, 1 failed" in failed.stderr
    shown = run("status").stdout
    assert re.search(r"job +greet +ready +.*a newer run failed: exit code 1", shown)
    assert re.search(r"model +m +ready", shown)
    (stack / "mlstack.yaml").write_text(SPEC)


@pytest.mark.parametrize("arguments", [("logs", "greet", "-f"), ("logs", "-f", "greet")])
def test_following_is_a_capital_f(stack: Path, run: Any, arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert refused.code == 2
    assert "-F, or --follow, follows a log" in refused.stderr


def test_a_run_that_is_going_can_be_cancelled(stack: Path, run: Any) -> None:
    assert run("up", "--yes").code == 0
    refused = run("cancel", "greet", "--json")
    assert refused.code != 0
    assert set(json.loads(refused.stdout)["error"]) == {"code", "category", "message", "where", "remedy"}

    command = [MLSTACK, "run", "greet", "--input", "times=100000", "--json"]
    with subprocess.Popen(
        command,
        cwd=stack,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as going:
        assert going.stderr is not None
        for line in going.stderr:
            if "hello" in line:
                break
        stopped = run("cancel", "greet", "--json")
        assert stopped.code == 0, stopped
        stdout, _ = going.communicate(timeout=120)
    assert going.returncode == 1
    error = json.loads(stdout)["error"]
    assert error["code"] == "run-failed"
    assert json.loads(stopped.stdout)["id"] in error["message"]
    assert "was stopped" in error["message"]


def test_doctor_names_what_is_wrong_with_the_spec(stack: Path, run: Any) -> None:
    well = run("doctor")
    assert "greeting, stack dev-local" in well.stdout
    (stack / "mlstack.yaml").write_text("version: 1\nname: greeting\nnope: 1\n")
    ill = run("doctor")
    (stack / "mlstack.yaml").write_text(SPEC)
    assert ill.code == 1
    assert "-> mlstack validate" in ill.stdout
