"""One reading elsewhere: a process that has the files that are carried, and none of Pulumi."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlstack_local.monitors import carried
from mlstack_local.monitors.definition import Baseline, Definition
from mlstack_serving.capturing import Recorder, Row
from mlstack_serving.config import Config


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    for name, source in carried.files().items():
        target = tmp_path / "code" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    for name in ("pulumi", "pydantic"):
        (tmp_path / "code" / f"{name}.py").write_text("raise ImportError('this has no place here')\n")
    return tmp_path / "code"


def captured(folder: Path, shift: float) -> None:
    made = Recorder(Config(model="m", capture=str(folder), deployment="main"))
    for number, value in enumerate(np.random.default_rng(1).normal(shift, 1.0, 400)):
        body = json.dumps({"instances": [{"x": value}]}).encode()
        row = (time.time() - 60, f"{shift}-{number}", "/", 200, 0.01, "application/json", body, b"{}")
        made.offer(Row(*row))
    made.close()


def read(root: Path, code: Path, definition: Definition) -> subprocess.CompletedProcess[str]:
    task: dict[str, Any] = {
        "stack_uid": "u1",
        "definition": asdict(definition),
        "deployments": ["main"],
        "channels": [],
    }
    (root / "monitors").mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(code),
        "MLSTACK_MONITOR": json.dumps(task),
        "MLSTACK_MONITORS": str(root / "monitors"),
        "MLSTACK_CAPTURES": str(root / "captures"),
    }
    command = [sys.executable, "-m", carried.MODULE]
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True)


def definition(root: Path, **more: Any) -> Definition:
    values = np.random.default_rng(0).normal(0.0, 1.0, 1000)
    (root / "seen.csv").write_text("\n".join(["x", *map(str, values)]) + "\n")
    baseline = Baseline(str(root / "seen.csv"), "v1")
    given = {"metric": "psi", "baseline": baseline, **more}
    return Definition("drift", "net", "data-drift", 0.2, **given)


def test_readings_are_taken_one_after_the_other(tmp_path: Path, unpacked: Path) -> None:
    asked = definition(tmp_path, window=3600.0)
    captured(tmp_path / "captures" / "main", 0.0)
    first = read(tmp_path, unpacked, asked)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["state"] == "ok"
    captured(tmp_path / "captures" / "main", 3.0)
    second = json.loads(read(tmp_path, unpacked, asked).stdout)
    assert (second["state"], second["samples"], second["alert"]["event"]) == ("firing", 800, "firing")
    third = json.loads(read(tmp_path, unpacked, asked).stdout)
    assert (third["state"], third["alert"]) == ("firing", {"firing": True, "event": None})
    assert (tmp_path / third["report"]).is_file()


def test_one_that_cannot_be_had_fails(tmp_path: Path, unpacked: Path) -> None:
    asked = definition(tmp_path, features=("y",), min_samples=1)
    captured(tmp_path / "captures" / "main", 0.0)
    done = read(tmp_path, unpacked, asked)
    assert done.returncode == 1
    assert "no column 'y'" in json.loads(done.stdout)["error"]
