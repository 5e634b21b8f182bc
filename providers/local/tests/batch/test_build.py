"""The builder of batch endpoints: what it registers, what it warns of, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_local import serving

import mlstack as ml
from mlstack import content
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.support import gaps
from mlstack.testing.record import UID, Recording, record

SPEC = """
version: 1
name: digits
models:
  digits: {path: ./model, flavor: sklearn}
endpoints:
  nightly:
    type: batch
    auth: key
    deployments:
      main: {model: digits, size: cpu-s, max_errors: 3, traffic: 100}
      other:
        model: digits
        environment: sk
        code: {dir: ./serve, script: score.py}
        replicas: {min: 1, max: 4}
        timeout: 90s
        mini_batch: 7
        env: {LEVEL: info}
environments: {sk: {packages: [six]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("model/model.joblib", "serve/score.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("x")
    return tmp_path


def load(folder: Path, text: str) -> ml.Stack:
    (folder / "mlstack.yaml").write_text(text)
    return ml.Stack.load(folder / "mlstack.yaml")


@pytest.fixture
def recording(folder: Path) -> Recording:
    stack = load(folder, SPEC)
    return record(provider("local"), lambda: deploy(stack), folder)


def endpoint(recording: Recording) -> dict[str, Any]:
    [found] = [r for r in recording.children() if r.type == "mlstack:local:BatchEndpoint"]
    return found.inputs


def test_one_resource_holds_all_deployments(recording: Recording, folder: Path) -> None:
    made = endpoint(recording)
    version = content.version(folder / "model")
    model = {
        "name": "digits",
        "uri": f".mlstack/local/{UID}/models/digits/{version}",
        "version": version,
        "flavor": "sklearn",
    }
    common = {"model": model, "environment": UNKNOWN, "runtime": serving.runtime(), "secrets": {}}
    code = {"path": "./serve", "digest": content.version(folder / "serve"), "script": "score.py"}
    assert made == {
        "stack_uid": UID,
        "name": "nightly",
        "default": "main",
        "deployments": {
            "main": {**common, "env": {}, "max_errors": 3, "replicas": 1},
            "other": {
                **common,
                "code": code,
                "env": {"LEVEL": "info"},
                "mini_batch": 7,
                "replicas": 4,
                "timeout_seconds": 90,
            },
        },
    }
    assert not [r for r in recording.children() if r.type == "mlstack:local:Endpoint"]


def test_an_environment_that_is_not_named_reads_parquet(recording: Recording) -> None:
    [own] = [r for r in recording.children() if r.name == "nightly.main"]
    assert own.inputs["requirements"] == ["scikit-learn", "pandas", "pyarrow"]


def test_fields_without_effect_are_warned_of(recording: Recording) -> None:
    warned = {warning.field for warning in recording.warnings if warning.resource == "endpoints.nightly"}
    assert warned == {"auth", "deployments.main.size"}


def test_there_is_one_default(folder: Path) -> None:
    text = SPEC.replace("traffic: 100", "traffic: 70").replace("mini_batch: 7", "traffic: 30")
    [problem] = gaps(provider("local"), load(folder, text))
    assert problem.path == "endpoints.nightly.deployments.main.traffic"
    assert "--deployment NAME" in str(problem.remedy)
    assert problem.line
