"""Rows that cannot be scored fail alone; too many of them fail the run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from serving.tests.scoring.conftest import COLUMNS, Score, contents, errors, metrics

pytestmark = pytest.mark.drawn

Code = Callable[[str], tuple[str, ...]]
#: Fails wherever a poisoned value is among those it is given, in the way that the value stands for.
POISONED = """
import os, signal, time
calls = open(os.environ["CALLS"], "a")

def run(data):
    calls.write(f"{len(data['a'])}\\n")
    calls.flush()
    for value in data["a"].tolist():
        if value == -1: raise ValueError("minus one\\nand more")
        if value == -2: os.kill(os.getpid(), signal.SIGKILL)
        if value == -3: raise SystemExit(3)
        if value == -4: time.sleep(60)
        if value == -5: return [object()] * len(data["a"])
    return data["a"] * 2
"""


@pytest.fixture
def numbers(tmp_path: Path) -> Callable[..., Path]:
    """A CSV of one column: 1 to ``count``, with other values at some rows (from 1)."""

    def write(count: int, **poison: int) -> Path:
        rows = [poison.get(f"row{n}", n) for n in range(1, count + 1)]
        path = tmp_path / "in.csv"
        path.write_text("a\n" + "".join(f"{value}\n" for value in rows))
        return path

    return write


def test_a_poisoned_row_fails_alone(score: Score, code: Code, numbers: Any, tmp_path: Path) -> None:
    data = numbers(10_000, row1=-1, row4242=-1, row4243=-3, row10000=-1)
    calls = tmp_path / "calls"
    done = score(*code(POISONED), "--data", data, CALLS=str(calls))
    assert errors(tmp_path / "out") == [
        {"row": 1, "error": "ValueError: minus one"},
        {"row": 4242, "error": "ValueError: minus one"},
        {"row": 4243, "error": "SystemExit: 3"},
        {"row": 10000, "error": "ValueError: minus one"},
    ]
    scored = pd.read_csv(tmp_path / "out" / "predictions.csv")
    assert scored["a"].tolist() == [n for n in range(1, 10_001) if n not in (1, 4242, 4243, 10_000)]
    assert (scored["prediction"] == 2 * scored["a"]).all()
    assert metrics(tmp_path / "out")["failed"] == 4
    # a hundred rows, one of them bad: two calls at each of the seven halvings
    assert len(calls.read_text().splitlines()) < 100 + 4 * 2 * 7
    assert done.stdout.count("Traceback") == 3


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-2, "the scoring process was ended by SIGKILL"),
        (-4, "took longer than 2 s"),
        (-5, "TypeError: the model returned a object, which has no JSON form"),
    ],
)
def test_so_does_one_that_kills_hangs_or_confuses_the_model(
    score: Score, code: Code, numbers: Any, tmp_path: Path, value: int, said: str
) -> None:
    data = numbers(20, row5=value)
    args = ("--mini-batch", 8, "--timeout", 2)
    score(*code(POISONED), "--data", data, *args, CALLS=str(tmp_path / "calls"))
    assert errors(tmp_path / "out") == [{"row": 5, "error": said}]
    assert len(pd.read_csv(tmp_path / "out" / "predictions.csv")) == 19


def test_the_threshold_is_what_may_fail(score: Score, code: Code, numbers: Any, tmp_path: Path) -> None:
    args = (*code(POISONED), "--data", numbers(500, row150=-1, row250=-1), "--output", tmp_path / "a")
    env = {"CALLS": str(tmp_path / "calls")}
    said = score(*args, "--max-errors", 1, code=7, **env).stderr
    assert said == ("mlstack_serving: 2 failed, and 1 may: the last is row 250: ValueError: minus one\n")
    assert not (tmp_path / "a" / "metrics.json").exists()
    # the same run with another threshold goes on from there, and ends as if it had had it from the start
    score(*args, "--max-errors", 2, **env)
    score(*args[:-1], tmp_path / "b", "--max-errors", 2, **env)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert score(*args, **env).stdout == "all was scored before\n"


def test_a_run_without_a_single_prediction_has_failed(
    score: Score, code: Code, numbers: Any, tmp_path: Path
) -> None:
    data = numbers(3, row1=-1, row2=-1, row3=-1)
    said = score(*code(POISONED), "--data", data, code=7, CALLS=str(tmp_path / "calls")).stderr
    assert "all 3 failed: the last is row 3: ValueError: minus one" in said


def test_lines_that_are_no_rows(score: Score, code: Code, tmp_path: Path) -> None:
    lines = [
        b"a,b",
        *[b"%d,x" % n for n in range(50)],
        b"oops,x",
        b"1",
        b'"2"2,x',
        b"\xff,x",
        b"3,\xff",
        b"4,y",
    ]
    (tmp_path / "in.csv").write_bytes(b"\n".join(lines))
    score(*code("def run(data):\n    return data['a'] + 1\n"), "--data", tmp_path / "in.csv")
    found = errors(tmp_path / "out")
    assert [error["row"] for error in found] == [51, 52, 53, 54, 55]
    assert [error["error"] for error in found] == [
        "column 'a': 'oops' is no number",
        "has 1 values, not 2",
        "no valid CSV: ',' expected after '\"'",
        "is not UTF-8",
        "is not UTF-8",
    ]
    assert pd.read_csv(tmp_path / "out" / "predictions.csv")["prediction"].tolist() == [*range(1, 51), 5]


def test_broken_json_lines(score: Score, code: Code, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"a": 1}\n{"a": 2\n[3]\n{"a": 4}\n')
    score(*code("def run(data):\n    return data['a']\n"), "--data", tmp_path / "in.jsonl")
    found = errors(tmp_path / "out")
    assert [error["row"] for error in found] == [2, 3]
    assert "is not valid JSON" in found[0]["error"]
    assert found[1]["error"] == "is no object"


def test_the_models_own_refusals_name_the_row(
    model: tuple[Path, Any], table: Any, score: Score, tmp_path: Path
) -> None:
    rows = table[:300].copy()
    rows.loc[119, "hue"] = None  # the model takes no missing values
    with (tmp_path / "in.jsonl").open("w") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows.to_dict(orient="records"))
    score("--model", model[0], "--data", tmp_path / "in.jsonl")
    [error] = errors(tmp_path / "out")
    assert error["row"] == 120
    assert "contains NaN" in error["error"]
    expected = model[1].predict(rows.drop(index=119)[COLUMNS])
    scored = pd.read_json(tmp_path / "out" / "predictions.jsonl", lines=True)
    assert scored["prediction"].tolist() == expected.tolist()


def test_a_model_that_cannot_be_loaded(score: Score, code: Code, numbers: Any, tmp_path: Path) -> None:
    data = numbers(3)
    said = score(
        *code("def init():\n    raise OSError('no disk')\ndef run(d): ...\n"), "--data", data, code=4
    )
    assert said.stderr.endswith("mlstack_serving: the model cannot be loaded: OSError('no disk')\n")
    said = score(*code("import os\nos._exit(9)\n"), "--data", data, code=4)
    assert said.stderr.endswith("the model cannot be loaded: the process ended with exit code 9\n")
