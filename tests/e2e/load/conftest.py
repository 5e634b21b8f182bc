"""A stack with two deployments, changed by the real command line while it is under load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import copy_example, mlstack

BODY = json.dumps({"instances": [[0.0] * 64]}).encode()
RATE = 50

SPEC = """\
name: digits
environments:
  sk: {packages: [scikit-learn==1.7.2, pandas==2.3.3]}
data:
  digits: {path: ./data/digits.csv, type: file, columns: {label: target}}
jobs:
  train:
    command: python train.py --data ${{inputs.data}} --c ${{inputs.c}} --out ${{outputs.model}}
    code: ./src
    environment: sk
    inputs: {data: data.digits, c: {value: 1.0}}
    outputs: {model: {type: folder}}
models:
  digits: {from: jobs.train.model, flavor: sklearn}
endpoints:
  digits:
    deployments:
      blue: {model: digits, environment: sk, traffic: 100}
      green: {model: digits, environment: sk, traffic: 0}
"""


class Stack:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "mlstack.yaml").write_text(SPEC)

    @property
    def endpoint(self) -> dict[str, Any]:
        shown = mlstack(self.root, "outputs", "--json", "--show-secrets").stdout
        found: dict[str, Any] = json.loads(shown)["endpoints"]["digits"]
        return found

    def up(self, **values: object) -> dict[str, Any]:
        """`mlstack up` with values of the spec changed: ``blue__traffic=50``, ``c=0.5``."""
        sets = [f"--set={_path(key)}={json.dumps(value)}" for key, value in values.items()]
        done = mlstack(self.root, "up", "--yes", "--json", *sets)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def _path(key: str) -> str:
    if key == "c":
        return "jobs.train.inputs.c.value"
    deployment, _, field = key.partition("__")
    return f"endpoints.digits.deployments.{deployment}.{field}"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(copy_example(tmp_path_factory.mktemp("load")))
    made.up()
    yield made
    mlstack(made.root, "down", "--yes", "--json")
