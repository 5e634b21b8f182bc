"""A run that was killed goes on after the last mini-batch that was finished, and ends as any other."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from serving.tests.scoring.conftest import Score, contents, metrics

pytestmark = pytest.mark.drawn

Code = Callable[[str], tuple[str, ...]]
ROWS, MINI_BATCH = 600, 100
#: Kills the run, once, when the row KILL_AT comes by; fails at row 250; notes what it is asked.
KILLS = """
import os, pathlib, signal
seen = pathlib.Path(os.environ["SEEN"])

def run(data):
    rows = data["a"].tolist()
    with seen.open("a") as stream:
        stream.write(f"{rows[0]} {len(rows)}\\n")
    if int(os.environ.get("KILL_AT", 0)) in rows:
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    if 250 in rows:
        raise ValueError("poisoned")
    return data["a"] / 3
"""
FORMS: dict[str, Callable[[Any, Path], object]] = {
    "csv": lambda table, path: table.to_csv(path, index=False),
    "jsonl": lambda table, path: table.to_json(path, orient="records", lines=True),
    "parquet": lambda table, path: table.to_parquet(path, index=False),
}


class Case:
    """One input, one script, and what an undisturbed run makes of them."""

    def __init__(self, score: Score, flags: tuple[str, ...], folder: Path, form: str) -> None:
        self._score = score
        self.data = folder / f"in.{form}"
        FORMS[form](pd.DataFrame({"a": range(1, ROWS + 1), "b": "x"}), self.data)
        self._flags = (*flags, "--data", str(self.data), "--mini-batch", str(MINI_BATCH))
        self.seen = folder / "seen"
        self.undisturbed = self.run(folder / "undisturbed")

    def run(self, out: Path, *more: object, code: int = 0, kill_at: int = 0) -> dict[str, bytes]:
        self.seen.write_text("")
        self.done = self._score(
            *(*self._flags, "--output", out, *more),
            code=code,
            SEEN=str(self.seen),
            KILL_AT=str(kill_at),
        )
        return contents(out)

    def asked(self) -> list[str]:
        return self.seen.read_text().splitlines()


@pytest.fixture
def case(score: Score, code: Code, tmp_path: Path) -> Callable[[str], Case]:
    return lambda form: Case(score, code(KILLS), tmp_path, form)


@pytest.mark.parametrize("form", FORMS)
def test_a_run_killed_at_a_mini_batch_goes_on_there(
    case: Callable[[str], Case], form: str, tmp_path: Path
) -> None:
    made = case(form)
    boundaries = range(0, ROWS, MINI_BATCH) if form == "csv" else (200, 500)
    for start in boundaries:
        out = tmp_path / f"killed-{start}"
        made.run(out, code=-9, kill_at=start + 1)
        assert not (out / f"predictions.{form}").exists()
        found = made.run(out)
        assert made.asked()[0] == f"{start + 1} {MINI_BATCH}", "what was finished is not asked again"
        assert found == made.undisturbed
        assert f"going on after {start} of {ROWS} rows" in made.done.stdout or not start
        assert metrics(out)["failed"] == 1


def test_killed_again_and_again_with_several_processes(case: Callable[[str], Case], tmp_path: Path) -> None:
    made = case("csv")
    for kill_at in (150, 101, 350, 600):
        made.run(tmp_path / "out", "--replicas", 3, code=-9, kill_at=kill_at)
    assert made.run(tmp_path / "out", "--replicas", 3) == made.undisturbed


def torn_line(out: Path) -> None:
    journal = out / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-7])


def lost_line(out: Path) -> None:
    """Killed after a part was renamed into place, before its line was written."""
    journal = out / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))


def torn_part(out: Path) -> None:
    """What a machine that lost its power may leave."""
    part = max((out / "parts").iterdir())
    part.write_bytes(part.read_bytes()[:-20])


def lost_first_part(out: Path) -> None:
    min((out / "parts").iterdir()).unlink()


def half_written(out: Path) -> None:
    (out / "parts" / ".00000003.new").write_bytes(b"half")
    (out / ".manifest.json.new").write_bytes(b"half")
    (out / ".errors.jsonl").write_bytes(b"half")
    (out / ".predictions.csv").write_bytes(b"half")
    (out / "predictions.csv").write_bytes(b"as an end that was killed leaves it")


@pytest.mark.parametrize("harm", [torn_line, lost_line, torn_part, lost_first_part, half_written])
def test_what_a_crash_may_leave_behind(
    case: Callable[[str], Case], tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    made = case("csv")
    out = tmp_path / "out"
    made.run(out, code=-9, kill_at=350)
    harm(out)
    assert made.run(out) == made.undisturbed


def test_a_run_killed_before_it_had_begun_or_when_it_had_ended(
    case: Callable[[str], Case], tmp_path: Path
) -> None:
    made = case("csv")
    out = tmp_path / "out"
    made.run(out, code=-9, kill_at=1)
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps({**manifest, "state": "planned", "sources": None}))
    shutil.rmtree(out / "parts")
    (out / "journal.jsonl").unlink()
    assert made.run(out) == made.undisturbed
    (out / "parts").mkdir()
    (out / "journal.jsonl").touch()
    assert made.run(out) == made.undisturbed
    assert made.asked() == []
    assert not (out / "parts").exists()


def test_an_input_that_has_changed_is_refused(case: Callable[[str], Case], tmp_path: Path) -> None:
    made = case("csv")
    out = tmp_path / "out"
    made.run(out, code=-9, kill_at=350)
    text = made.data.read_text()
    made.data.write_text(text.replace("600,x", "600,y"))
    made.run(out, code=6)
    assert "in.csv has changed since the run began" in made.done.stderr
    made.data.write_text(text)  # the same content again, at another time
    os.utime(made.data, (1, 1))
    assert made.run(out) == made.undisturbed


def test_a_folder_with_another_file_is_refused(score: Score, code: Code, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.txt").touch()
    script = "import os\ndef run(paths):\n    if 'KILL' in os.environ: os.kill(os.getppid(), 9)\n"
    script += "    return paths\n"
    args = (*code(script), "--data", tmp_path / "in")
    score(*args, code=-9, KILL="1")
    (tmp_path / "in" / "3.txt").touch()
    assert "has changed" in score(*args, code=6).stderr
    (tmp_path / "in" / "3.txt").unlink()
    score(*args)


def test_the_output_of_another_run_is_refused(case: Callable[[str], Case], tmp_path: Path) -> None:
    made = case("csv")
    out = tmp_path / "out"
    made.run(out, "--run", "a", code=-9, kill_at=350)
    made.run(out, "--run", "b", code=2)
    assert "belongs to the run 'a'" in made.done.stderr
    made.run(out, "--run", "a", "--mini-batch", 50, code=6)
    assert "began with another mini-batch" in made.done.stderr
    assert made.run(out, "--run", "a") == made.undisturbed


#: Its own peak and its workers', in bytes, as the last line on standard error.
MEASURED = """
import atexit, resource, runpy, sys
def tell():
    unit = 1 if sys.platform == "darwin" else 1024
    both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    print(max(resource.getrusage(who).ru_maxrss * unit for who in both), file=sys.stderr)
atexit.register(tell)
runpy.run_module("mlstack_serving.scoring", run_name="__main__", alter_sys=True)
"""


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_table_of_200_mb_is_scored_in_bounded_memory(code: Code, tmp_path: Path) -> None:
    data = tmp_path / "in.csv"
    line = "1.25," + "x" * 90 + "\n"
    with data.open("w") as stream:
        stream.write("a,b\n")
        for _ in range(200 * 2**20 // (len(line) * 1000) + 1):
            stream.write(line * 1000)
    words = [*code("def run(data):\n    return data['a']\n"), "--data", str(data), "--mini-batch", "1000"]
    program = [sys.executable, "-c", MEASURED, *words, "--output", str(tmp_path / "out")]
    # The peak of the process that forks is handed on to its child: a small shell comes between.
    done = subprocess.run(["/bin/sh", "-c", '"$@"; exit $?', "sh", *program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "predictions.csv").stat().st_size > 200 * 2**20
    assert int(done.stderr.splitlines()[-1]) < 100 * 2**20
