"""The example of a batch endpoint, by the real command line: up, scored, killed, gone on with, down."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import psutil
import pytest

from tests.e2e.project import mlstack, processes

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]
EXAMPLE = Path(__file__).parents[2] / "examples" / "batch"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    ignored = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    root = Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("live") / "batch", ignore=ignored))
    done = mlstack(root, "up", "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    yield root
    gone = mlstack(root, "down", "--yes", "--json")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert processes(root) == []
    assert not list((root / ".mlstack" / "local").glob("*"))
    assert (root / "kept" / "predictions.csv").exists()


def told(done: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_predictions_equal_those_of_the_same_model_in_process(live: Path) -> None:
    outputs = told(mlstack(live, "outputs", "--json"))
    nightly = outputs["endpoints"]["nightly"]
    assert (nightly["url"], nightly["key"]) == (None, None)
    assert nightly["deployments"]["main"]["traffic"] == 100
    model = joblib.load(live / outputs["models"]["tumours"]["uri"] / "model.joblib")
    rows = pd.read_csv(live / "data" / "new.csv")

    answer = told(mlstack(live, "invoke", "nightly", "--data", "data.new", "--output", "kept", "--json"))
    assert set(answer) == {"id", "status", "metrics", "outputs"}
    assert answer["status"] == "succeeded"
    assert answer["outputs"] == {
        "folder": {"uri": "kept"},
        "predictions": {"uri": "kept/predictions.csv"},
        "errors": {"uri": "kept/errors.jsonl"},
    }
    assert {key: answer["metrics"][key] for key in ("rows", "scored", "failed")} == {
        "rows": len(rows),
        "scored": len(rows),
        "failed": 0,
    }
    scored = pd.read_csv(live / "kept" / "predictions.csv")
    pd.testing.assert_frame_equal(scored.drop(columns="prediction"), rows)
    assert scored["prediction"].tolist() == model.predict(rows[model.feature_names_in_]).tolist()

    odds = told(
        mlstack(live, "invoke", "nightly", "--data", "data/new.csv", "--deployment", "odds", "--json")
    )
    with (live / odds["outputs"]["predictions"]["uri"]).open() as stream:
        found = [float(row["prediction"]) for row in csv.DictReader(stream)]
    assert found == model.predict_proba(rows[model.feature_names_in_])[:, 1].round(4).tolist()


def test_nothing_changed_is_nothing_to_do(live: Path) -> None:
    summary = told(mlstack(live, "preview", "--json"))["summary"]
    assert summary["create"] + summary["update"] + summary["replace"] + summary["delete"] == 0


def test_a_run_that_is_left_to_itself_can_be_seen_stopped_and_gone_on_with(live: Path) -> None:
    rows = (live / "data" / "new.csv").read_text().splitlines(keepends=True)
    (live / "long.csv").write_text("".join([rows[0], *rows[1:] * 40]))
    args = ("invoke", "nightly", "--data", "long.csv", "--mini-batch", "1", "--detach", "--json")
    begun = told(mlstack(live, *args))
    assert begun["status"] == "running"
    endpoint = {row["kind"]: row for row in told(mlstack(live, "status", "--json"))["resources"]}["endpoint"]
    assert endpoint["state"] == "running"
    assert begun["id"] in endpoint["detail"]
    assert told(mlstack(live, "cancel", "nightly", "--json")) == {"id": begun["id"]}
    assert not [p for p in psutil.process_iter(["cmdline"]) if begun["id"] in (p.info["cmdline"] or [])]
    refused = mlstack(live, "cancel", "nightly", "--json")
    assert told(refused, 2)["error"]["code"] == "not-running"

    done = mlstack(live, "invoke", "nightly", "--resume", begun["id"])
    assert done.returncode == 0, done.stderr
    assert f"nightly succeeded: {begun['id']}\n  7600 of 7600 rows scored\n" in done.stdout
    once = pd.read_csv(live / "kept" / "predictions.csv")["prediction"].tolist()
    output = live / begun["outputs"]["folder"]["uri"] / "predictions.csv"
    assert pd.read_csv(output)["prediction"].tolist() == once * 40
    assert "scored 7600 of 7600 rows, 0 failed" in mlstack(live, "logs", "nightly").stdout


@pytest.mark.parametrize(
    ("args", "exit_code", "code"),
    [
        (("nightly",), 2, "usage"),
        (("nightly", "--data", "data.neu"), 2, "missing-path"),
        (("nightly", "--data", "data.new", "--deployment", "x"), 2, "not-in-stack"),
        (("nightly", "--resume", "x"), 2, "unknown-run"),
        (("nightly", "--data", "data.new", "--repeat", "3"), 2, "usage"),
        (("nightly", "--data", "src"), 1, "run-failed"),
    ],
)
def test_what_goes_wrong_has_a_code(live: Path, args: tuple[str, ...], exit_code: int, code: str) -> None:
    error = told(mlstack(live, "invoke", *args, "--json"), exit_code)["error"]
    assert error["code"] == code
    assert error["remedy"]
