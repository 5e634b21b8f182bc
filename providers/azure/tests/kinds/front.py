"""Specs through the builders of endpoints, monitors and pipelines: what they send to Azure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import mlstack as ml
from mlstack.errors import SpecError
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.testing.record import Recording, Registered, record

FILES = {
    "data/rows.csv": "x,label\n1,0\n2,1\n",
    "files/net/model.joblib": "weights\n",
    "files/flow/MLmodel": "flavors: {}\n",
    "src/train.py": "print('training')\n",
    "serve/score.py": "def init(): ...\ndef run(data):\n    return data\n",
    "native/score.py": "def init(): ...\ndef run(raw_data):\n    return raw_data\n",
    "native/batch.py": "def init(): ...\ndef run(mini_batch: list[str]):\n    return mini_batch\n",
}

BASE = """
version: 1
name: digits
cloud: azure
region: westeurope
tags: {team: vision}
secrets:
  token: {env: A_TOKEN}
  page: {env: A_TOKEN}
compute:
  pool: {size: cpu-m, max: 4}
  aks: {cluster: {type: aks, name: prod, existing: true}}
environments:
  sk: {packages: [scikit-learn==1.5.2], python: "3.11"}
data:
  rows: {path: data/rows.csv, type: file, columns: {label: label, categorical: [x]}}
models:
  net: {path: files/net, flavor: sklearn}
  flow: {path: files/flow, flavor: mlflow}
"""

_TOKENS = {
    "OnlineEndpoint": "machinelearningservices",
    "OnlineDeployment": "machinelearningservices",
    "BatchEndpoint": "machinelearningservices",
    "BatchDeployment": "machinelearningservices",
    "EnvironmentVersion": "machinelearningservices",
    "ComponentVersion": "machinelearningservices",
    "DataVersion": "machinelearningservices",
    "ModelVersion": "machinelearningservices",
    "Compute": "machinelearningservices",
    "Schedule": "machinelearningservices",
    "AutoscaleSetting": "monitor",
    "MetricAlert": "monitor",
    "ScheduledQueryRule": "monitor",
    "DiagnosticSetting": "monitor",
    "ActionGroup": "monitor",
    "Budget": "consumption",
}

Make = Callable[[str], "Sent"]


class Sent:
    """What a spec registered, by type and logical name."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    def resource(self, kind: str, name: str) -> Registered:
        token = f"azure-native:{_TOKENS[kind]}:{kind}" if kind in _TOKENS else f"mlstack:azure:{kind}"
        found = [each for each in self.recording.children() if (each.type, each.name) == (token, name)]
        assert found, f"no {token} {name}: {sorted((r.type, r.name) for r in self.recording.children())}"
        return found[0]

    def inputs(self, kind: str, name: str) -> dict[str, Any]:
        return self.resource(kind, name).inputs

    def properties(self, kind: str, name: str) -> Mapping[str, Any]:
        held: Mapping[str, Any] = self.inputs(kind, name)["properties"]
        return held

    def names(self, kind: str) -> list[str]:
        return sorted(r.name for r in self.recording.children() if r.type.endswith(f":{kind}"))

    @property
    def warnings(self) -> dict[str, str]:
        return {f"{each.resource}.{each.field}": each.message for each in self.recording.warnings}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("A_TOKEN", "c4n4ry")
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "00000000-0000-0000-0000-000000000000")
    return tmp_path


@pytest.fixture
def make(folder: Path) -> Make:
    def made(text: str) -> Sent:
        (folder / "mlstack.yaml").write_text(BASE + text)
        stack = ml.Stack.load(folder / "mlstack.yaml")
        return Sent(record(provider("azure"), lambda: deploy(stack), folder))

    return made


@pytest.fixture
def refused(folder: Path) -> Callable[[str], dict[str, tuple[str, str | None]]]:
    """Path -> (message, remedy) of all that is refused of a spec."""

    def told(text: str) -> dict[str, tuple[str, str | None]]:
        (folder / "mlstack.yaml").write_text(BASE + text)
        stack = ml.Stack.load(folder / "mlstack.yaml")
        with pytest.raises(SpecError) as caught:
            record(provider("azure"), lambda: deploy(stack), folder)
        return {each.path: (each.message, each.remedy) for each in caught.value.problems}

    return told
