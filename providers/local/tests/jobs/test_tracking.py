"""Runs that track themselves with the real MLflow."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mlstack_local import environments
from mlstack_local.jobs import JobInputs, tracking
from mlstack_local.resources.job import Job

from mlstack.resource import Context

Make = Callable[..., JobInputs]
pytestmark = pytest.mark.timeout(900)  # the first time ever, mlflow is fetched

TRAIN = """
import pathlib, sys
import mlflow
with mlflow.start_run() as run:
    mlflow.log_param("c", sys.argv[1])
    for step, value in enumerate((0.5, 0.75)):
        mlflow.log_metric("accuracy", value, step=step)
    pathlib.Path("notes.txt").write_text("well")
    mlflow.log_artifact("notes.txt")
"""

ASK = """
import json, sys
import mlflow
client = mlflow.MlflowClient(sys.argv[1])
found = []
for experiment in client.search_experiments():
    for run in client.search_runs([experiment.experiment_id]):
        found.append([experiment.name, run.info.run_name, run.data.params, run.data.metrics,
                      run.info.artifact_uri])
print(json.dumps(found))
"""


@pytest.fixture
def mlflow(environment: Callable[..., str]) -> str:
    return environment("tracked", "mlflow==3.17.2")


def train(job: Make, source: Path, mlflow: str, c: str, **changes: object) -> JobInputs:
    (source / "train.py").write_text(TRAIN)
    return job(
        "python train.py ${{inputs.c}}",
        project="digits",
        code={"path": "src", "digest": "d"},
        environment=mlflow,
        inputs={"c": {"value": c}},
        **changes,
    )


def ask(context: Context, mlflow: str) -> list[list[object]]:
    python = environments.folder(mlflow.partition("@")[2]) / "bin" / "python"
    uri = f"sqlite:///{context.root}/.mlstack/mlflow.db"
    done = subprocess.run([python, "-c", ASK, uri], text=True, capture_output=True, check=True)
    found: list[list[object]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_runs_are_in_the_store_of_the_project(context: Context, job: Make, source: Path, mlflow: str) -> None:
    made = [Job().create(context, train(job, source, mlflow, c)) for c in ("1", "2")]

    assert [one.outputs["metrics"] for one in made] == [{"accuracy": 0.75}] * 2
    told = sorted(ask(context, mlflow), key=lambda run: str(run[2]))
    names = [one.outputs["fingerprint"] for one in made]
    assert [run[:4] for run in told] == [
        ["digits/train", names[0], {"c": "1"}, {"accuracy": 0.75}],
        ["digits/train", names[1], {"c": "2"}, {"accuracy": 0.75}],
    ]
    artifacts = [Path(str(run[4]).removeprefix("file://")) for run in told]
    assert all(folder.is_relative_to(context.root / ".mlstack" / "mlruns") for folder in artifacts)
    assert (artifacts[0] / "notes.txt").read_text() == "well"


def test_a_server_of_the_users_own_comes_first(
    context: Context, job: Make, source: Path, mlflow: str, tmp_path: Path
) -> None:
    own = f"sqlite:///{tmp_path}/own.db"
    made = Job().create(context, train(job, source, mlflow, "1", env={tracking.URI: own}))
    assert made.outputs["metrics"] == {}
    assert (tmp_path / "own.db").is_file()
    assert not (context.root / ".mlstack" / "mlflow.db").exists()


def test_without_mlflow_nothing_is_set(context: Context, job: Make) -> None:
    wanted = job("env > ${{outputs.env}}", outputs={"env": {"type": "file"}})
    made = Job().create(context, wanted)
    assert "MLFLOW" not in (context.root / made.outputs["outputs"]["env"]["uri"]).read_text()
    assert not (context.root / ".mlstack" / "mlflow.db").exists()


def test_metrics_of_a_store_that_is_not_there(tmp_path: Path) -> None:
    assert tracking.metrics(str(tmp_path), "x") == {}
    assert tracking.metrics("", "x") == {}
