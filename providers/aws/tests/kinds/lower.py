"""Specs through the builders, and a cloud that answers with ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import mlstack as ml
from mlstack.errors import SpecError
from mlstack.program import deploy
from mlstack.registry import provider
from mlstack.testing import Answers
from mlstack.testing.record import Recording, record

ACCOUNT = "123456789012"

FILES = {
    "data/rows.csv": "x,label\n1,0\n2,1\n",
    "files/net/model.txt": "weights\n",
    "serve/score.py": "def run(data):\n    return data\n",
    "image/Dockerfile": "FROM python:3.11-slim\n",
    "base.txt": "numpy==2.0.0\n",
    "requirements.txt": "-r base.txt\nsix==1.17.0  # a comment\n",
    "local.txt": "-e ./src\n",
    "environment.yml": "name: own\ndependencies: [python=3.10, pip, {pip: [-r base.txt]}]\n",
}


class Aws(Answers):
    """Each create is answered with an id and an ARN."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        word = type.rsplit(":", 1)[-1]
        arn = f"arn:aws:{type.split(':')[1].split('/')[0]}:eu-west-1:{ACCOUNT}:{word}/{name}"
        more: dict[str, Any] = {"arn": arn}
        if word == "Repository":
            more["repositoryUrl"] = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/{inputs['name']}"
        return f"{word}-{name}", more

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if function.endswith("getCallerIdentity"):
            return {
                "accountId": ACCOUNT,
                "arn": f"arn:aws:iam::{ACCOUNT}:user/me",
                "userId": "me",
                "id": "me",
            }
        if function.endswith("getAvailabilityZones"):
            return {"names": ["eu-west-1b", "eu-west-1c", "eu-west-1d"]}
        return {}


class Sent:
    """What a spec registered: inputs and options by the type's last word and the logical name."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.found = {(r.type.rsplit(":", 1)[-1], r.name): r for r in recording.children()}

    def inputs(self, kind: str, name: str) -> dict[str, Any]:
        return self.found[kind, name].inputs

    def options(self, kind: str, name: str) -> dict[str, Any]:
        return self.found[kind, name].options

    def names(self, kind: str) -> list[str]:
        return sorted(name for type, name in self.found if type == kind)

    def output(self, kind: str, name: str) -> dict[str, Any]:
        """The outputs of a component ("Data", "train")."""
        [component] = [
            each
            for each in self.recording.components()
            if (each.type.rsplit(":", 1)[-1], each.name) == (kind, name)
        ]
        return component.outputs or {}

    @property
    def warnings(self) -> dict[str, str]:
        return {f"{each.resource}.{each.field}": each.message for each in self.recording.warnings}


Lower = Callable[[str], Sent]
Refused = Callable[[str], dict[str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("A_TOKEN", "c4n4ry")
    return tmp_path


@pytest.fixture
def lower(root: Path) -> Lower:
    def lowered(text: str) -> Sent:
        stack = _stack(root, text)
        return Sent(record(provider("aws"), lambda: deploy(stack), root, Aws()))

    return lowered


@pytest.fixture
def refusals(root: Path) -> Refused:
    """Path -> message of all that is refused of a spec; each refusal has a way out."""

    def told(text: str) -> dict[str, str]:
        stack = _stack(root, text)
        with pytest.raises(SpecError) as caught:
            record(provider("aws"), lambda: deploy(stack), root, Aws())
        assert all(each.remedy for each in caught.value.problems)
        return {each.path: each.message for each in caught.value.problems}

    return told


def _stack(root: Path, text: str) -> ml.Stack:
    (root / "mlstack.yaml").write_text(f"version: 1\nname: ground\ncloud: aws\nregion: eu-west-1\n{text}\n")
    return ml.Stack.load(root / "mlstack.yaml")
