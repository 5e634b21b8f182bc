"""MLflow, where a job's environment has it: one store for the project, and the metrics that are in it.

    .mlstack/mlflow.db    runs, parameters, metrics: an experiment per job, "<project>/<job>"
    .mlstack/mlruns/      artifacts

A tracking server of the user's own (``MLFLOW_TRACKING_URI`` around the command, or in the job's ``env``)
comes before it. The smaller mlflow-skinny has no store of this kind, and is left alone.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

URI = "MLFLOW_TRACKING_URI"
_TAG = "mlstack.run"
_CREATE = """
import sys
import mlflow
uri, name, artifacts = sys.argv[1:]
client = mlflow.MlflowClient(uri)
if client.get_experiment_by_name(name) is None:
    client.create_experiment(name, artifact_location=artifacts)
"""


def available(environment: str) -> bool:
    """Whether an environment has MLflow with a store of its own."""
    packages = [*Path(environment).glob("lib/python*/site-packages")]
    return any(
        (folder / "mlflow" / "store" / "tracking" / "sqlalchemy_store.py").is_file() for folder in packages
    ) and any((folder / "sqlalchemy").is_dir() for folder in packages)


def variables(
    environment: str, home: str, experiment: str, run: str, given: Mapping[str, str]
) -> dict[str, str]:
    """What the command shall see; nothing where there is no MLflow, or the user has set a server.

    ``home`` is the project's ``.mlstack``, ``given`` what the command sees otherwise.
    """
    if given.get(URI) or not home or not available(environment):
        return {}
    uri = _uri(home)
    with FileLock(Path(home) / "mlflow.lock"):
        if experiment not in _experiments(home):
            _create(environment, uri, experiment, Path(home) / "mlruns" / experiment, given)
    return {
        URI: uri,
        "MLFLOW_EXPERIMENT_NAME": experiment,
        "MLFLOW_RUN_CONTEXT": json.dumps({"mlflow.runName": run, _TAG: run}),
    }


def metrics(home: str, run: str) -> dict[str, float]:
    """The last value of each metric that the runs of MLflow which a run of ours made have."""
    rows = _query(
        home,
        "SELECT m.key, m.value FROM latest_metrics m JOIN tags t ON t.run_uuid = m.run_uuid "
        "WHERE t.key = ? AND t.value = ? AND NOT m.is_nan ORDER BY m.timestamp",
        (_TAG, run),
    )
    return {str(key): float(value) for key, value in rows if math.isfinite(value)}


def _create(environment: str, uri: str, experiment: str, artifacts: Path, given: Mapping[str, str]) -> None:
    """MLflow makes its tables itself, by the version that the job will use."""
    artifacts.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [f"{environment}/bin/python", "-c", _CREATE, uri, experiment, artifacts.as_uri()],
        env={**given, "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = "\n".join(done.stderr.splitlines()[-3:])
        raise RuntimeError(
            f"MLflow cannot use the project's store {uri}: {told}\n"
            f"install the newest mlflow that has written to it, or set {URI} in the job's env"
        )


def _experiments(home: str) -> set[str]:
    return {str(name) for (name,) in _query(home, "SELECT name FROM experiments", ())}


def _query(home: str, statement: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
    file = Path(home) / "mlflow.db"
    if not home or not file.is_file():
        return []
    with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)) as database:
        try:
            return database.execute(statement, values).fetchall()
        except sqlite3.OperationalError:  # no tables yet
            return []


def _uri(home: str) -> str:
    return f"sqlite:///{os.fspath(Path(home) / 'mlflow.db')}"
