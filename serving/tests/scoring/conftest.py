"""Real runs of ``python -m mlstack_serving.scoring`` on real tables of 10,000 rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = 10_000
COLUMNS = ["alcohol", "malic_acid", "hue"]

Score = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A folder with a classifier of named columns, and the classifier."""
    wine = load_wine(as_frame=True)
    made = make_pipeline(StandardScaler(), LogisticRegression()).fit(wine.data[COLUMNS], wine.target)
    folder = tmp_path_factory.mktemp("wine")
    joblib.dump(made, folder / "model.joblib")
    return folder, made


@pytest.fixture(scope="session")
def table() -> Any:
    """10,000 rows: columns that the model does not know, in another order, text with commas and quotes."""
    wine = load_wine(as_frame=True).data
    rows = wine.sample(ROWS, replace=True, random_state=1).reset_index(drop=True)
    rows = rows[["hue", "malic_acid", "alcohol"]] + np.random.default_rng(2).normal(0, 0.05, (ROWS, 3))
    rows.insert(1, "note", [f'bottle {n}, "{n % 7}"' for n in range(ROWS)])
    return rows


@pytest.fixture
def score(tmp_path: Path) -> Score:
    """Run it; output in ./out unless --output says else. The exit code must be ``code``."""

    def run(*args: object, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
        words = [str(arg) for arg in args]
        place = [] if "--output" in words else ["--output", str(tmp_path / "out")]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MLSTACK_")}
        done = subprocess.run(
            [sys.executable, "-m", "mlstack_serving.scoring", *words, *place],
            env={**clean, **env},
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def code(tmp_path: Path) -> Callable[[str], tuple[str, ...]]:
    """Flags for a script of one's own."""

    def write(text: str) -> tuple[str, ...]:
        folder = tmp_path / "code"
        folder.mkdir(exist_ok=True)
        (folder / "score.py").write_text(text)
        return "--code", str(folder)

    return write


def errors(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "errors.jsonl").read_text().splitlines()]


def metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "metrics.json").read_text())
    return found


def contents(folder: Path) -> dict[str, bytes]:
    """What a run leaves, without what tells of times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("metrics.json", "manifest.json")
    }


def readers() -> dict[str, Callable[[Path], Any]]:
    return {
        "csv": pd.read_csv,
        "jsonl": lambda path: pd.read_json(path, lines=True),
        "parquet": pd.read_parquet,
    }
