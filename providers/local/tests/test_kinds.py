"""The builders: what each registers with the engine, from a spec to inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mlstack_local import environments
from mlstack_local.jobs import JobInputs

import mlstack as ml
from mlstack import content
from mlstack.errors import UsageError
from mlstack.lowering.values import salted
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.resource import UNKNOWN
from mlstack.testing.record import UID, Recording, record

SPEC = """
version: 1
name: digits
tags: {team: vision}
secrets:
  token: {env: A_TOKEN}
compute:
  pool: {size: cpu-m, max: 4, spot: true, tags: {a: b}}
environments:
  sk: {packages: [six==1.17.0], requirements: more.txt, python: "3.12"}
data:
  rows: {path: ./data/rows.csv, type: file, version: "7", columns: {label: y}}
jobs:
  train:
    command: python train.py ${{inputs.data}} ${{inputs.c}} ${{outputs.model}}
    code: ./src
    environment: sk
    compute: pool
    inputs: {data: data.rows, c: {value: 1.0}}
    outputs: {model: {type: folder}}
    env: {LEVEL: info}
    secrets: {TOKEN: token}
    timeout: 2h
    retries: 1
    processes: 2
  check:
    command: python check.py ${{inputs.model}} ${{inputs.raw}}
    inputs: {model: models.digits, raw: jobs.train.model}
    rerun: always
models:
  digits: {from: jobs.train.model, flavor: sklearn}
  ready: {path: ./ready}
"""

FILES = {
    "data/rows.csv": "x,y\n1,2\n",
    "more.txt": "idna>=3\n",
    "src/train.py": "pass\n",
    "ready/model.onnx": "weights",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("A_TOKEN", "c4n4ry")
    return tmp_path


@pytest.fixture
def recording(folder: Path) -> Recording:
    (folder / "mlstack.yaml").write_text(SPEC)
    stack = ml.Stack.load(folder / "mlstack.yaml")
    return record(provider("local"), lambda: deploy(stack), folder)


def inputs(recording: Recording, token: str, name: str) -> dict[str, Any]:
    [found] = [r for r in recording.children() if (r.type, r.name) == (f"mlstack:local:{token}", name)]
    return found.inputs


def test_a_secret_is_its_hash(recording: Recording) -> None:
    told = salted(UID, "token", "c4n4ry")
    assert inputs(recording, "Secret", "token") == {
        "stack_uid": UID,
        "name": "token",
        "env": "A_TOKEN",
        "hash": told,
    }
    assert inputs(recording, "Job", "train")["secrets"] == {"TOKEN": {"name": "token", "hash": told}}
    assert "c4n4ry" not in repr(recording)


def test_an_environment_is_its_requirements_and_those_of_serving(recording: Recording) -> None:
    assert inputs(recording, "Environment", "sk") == {
        "stack_uid": UID,
        "name": "sk",
        "python": "3.12",
        "requirements": ["idna>=3", "six==1.17.0"],
        "serving": environments.of_serving(),
    }


def test_data_is_its_content(recording: Recording, folder: Path) -> None:
    assert inputs(recording, "Data", "rows") == {
        "stack_uid": UID,
        "name": "rows",
        "path": "data/rows.csv",
        "version": content.version(folder / "data/rows.csv"),
        "type": "file",
        "columns": {"label": "y"},
        "baseline": False,
        "keep": 0,
    }


def test_a_job(recording: Recording, folder: Path) -> None:
    made = inputs(recording, "Job", "train")
    assert made["environment"] is UNKNOWN  # not resolved yet: only the apply can tell
    assert {key: value for key, value in made.items() if key not in ("environment", "secrets")} == {
        "stack_uid": UID,
        "name": "train",
        "project": "conformance",
        "command": "python train.py ${{inputs.data}} ${{inputs.c}} ${{outputs.model}}",
        "code": {"path": "src", "digest": content.version(folder / "src")},
        "inputs": {
            "data": {"uri": "data/rows.csv", "version": content.version(folder / "data/rows.csv")},
            "c": {"value": "1.0"},
        },
        "outputs": {"model": {"type": "folder"}},
        "env": {"LEVEL": "info"},
        "timeout_seconds": 7200,
        "retries": 1,
        "nodes": 1,
        "processes": 2,
        "wait": True,
    }
    JobInputs.model_validate({**made, "environment": "sk@1"})


def test_a_job_that_nobody_waits_for_and_that_runs_each_time(recording: Recording) -> None:
    made = inputs(recording, "Job", "check")
    assert made["wait"] is False
    assert made["environment"] == ""
    assert int(made["nonce"]) > 1e18
    assert made["inputs"] == {
        "model": {"uri": UNKNOWN, "version": UNKNOWN},
        "raw": {"uri": UNKNOWN, "version": UNKNOWN},
    }


def test_a_model_tells_where_it_came_from(recording: Recording, folder: Path) -> None:
    made = inputs(recording, "Model", "digits")
    assert made["flavor"] == "sklearn"
    assert made["source"] is UNKNOWN
    assert made["lineage"] == {
        "output": "jobs.train.model",
        "job": UNKNOWN,
        "environment": UNKNOWN,
        "inputs": {
            "data": {"from": "data.rows", "version": content.version(folder / "data/rows.csv")},
            "c": {"value": "1.0"},
        },
    }
    assert inputs(recording, "Model", "ready") == {
        "stack_uid": UID,
        "name": "ready",
        "source": "ready",
        "version": content.version(folder / "ready"),
        "lineage": {},
    }


def test_what_a_component_puts_out(recording: Recording, folder: Path) -> None:
    outputs = {(c.type.rsplit(":", 1)[1], c.name): c.outputs for c in recording.components()}
    version = content.version(folder / "data/rows.csv")
    assert outputs["Data", "rows"] == {"id": f"rows@{version}", "uri": "data/rows.csv", "version": version}
    assert outputs["Compute", "pool"] == {"id": "pool", "instance": "this machine"}
    ready = content.version(folder / "ready")
    uri = f".mlstack/local/{UID}/models/ready/{ready}"
    assert outputs["Model", "ready"] == {"id": f"ready@{ready}", "version": ready, "uri": uri}
    assert outputs["Environment", "sk"] == {"id": UNKNOWN}  # no image: null is not kept


def test_what_has_no_effect_is_said(recording: Recording) -> None:
    said = {(warned.resource, warned.field) for warned in recording.warnings}
    assert said == {
        ("compute.pool", "size"),
        ("compute.pool", "max"),
        ("compute.pool", "spot"),
        ("compute.pool", "tags"),
        ("data.rows", "version"),
        ("jobs.train", "compute"),
    }


def test_children_come_from_what_they_need(recording: Recording) -> None:
    [train] = [r for r in recording.children() if r.name == "train"]
    made_of = {urn.rsplit("::", 1)[1] for urns in train.origins.values() for urn in urns}
    assert {"sk", "rows", "token"} <= made_of


def test_a_job_of_a_program(folder: Path) -> None:
    def program() -> None:
        ml.Job("once", command="true")

    [job] = record(provider("local"), program, folder).children()
    assert job.inputs["wait"] is True  # a program of one's own: who refers to it is not known yet
    assert "nonce" not in job.inputs


def test_a_secret_that_is_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_TOKEN")

    def program() -> None:
        ml.Secret("token", env="A_TOKEN")

    with pytest.raises(UsageError, match="A_TOKEN, which is not set") as caught:
        record(provider("local"), program, folder)
    assert caught.value.code == "secret-not-set"
    assert caught.value.remedy == "export A_TOKEN=…"


def test_a_requirements_file_with_options(folder: Path) -> None:
    (folder / "options.txt").write_text("six\n--pre\n")

    def program() -> None:
        ml.Environment("sk", requirements="options.txt")

    with pytest.raises(UsageError, match=r"options\.txt:2: '--pre' is an option"):
        record(provider("local"), program, folder)


def test_paths_in_a_program(folder: Path) -> None:
    import pulumi

    def absolute() -> None:
        ml.Data("rows", path=str(folder / "data/rows.csv"), type="file")

    [data] = record(provider("local"), absolute, folder).children()
    assert data.inputs["path"] == "data/rows.csv"

    def missing() -> None:
        ml.Data("rows", path="nowhere.csv", type="file")

    with pytest.raises(UsageError, match=r"there is no nowhere\.csv"):
        record(provider("local"), missing, folder)

    def deferred() -> None:
        ml.Data("rows", path=pulumi.Output.from_input("data/rows.csv"), type="file")

    with pytest.raises(UsageError, match="known only while the program runs"):
        record(provider("local"), deferred, folder)
