"""Specs through the builders of jobs and what is around them, and a cloud that answers with ARNs."""

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


class Aws(Answers):
    """Each create is answered with an ARN, and the few outputs that others need."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        word = type.rsplit(":", 1)[-1]
        arn = f"arn:aws:{word.lower()}:eu-west-1:{ACCOUNT}:{name}"
        more: dict[str, Any] = {"arn": arn, "name": inputs.get("name", name)}
        if word == "Role":
            more["arn"] = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        if word == "Bucket":
            more["bucket"] = "bucket"
        if word == "Upload":
            more["uri"] = f"s3://bucket/{name}/"
        if word == "Image":
            more["uri"] = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/ml:{name}"
        if type == "mlstack:aws:Job":
            more["artifacts"] = {
                output: {"uri": f"s3://bucket/{name}/{output}", "version": "v1"}
                for output in inputs["outputs"]
            }
        return arn, more

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"accountId": ACCOUNT, "names": ["eu-west-1a", "eu-west-1b"]}


class Sent:
    """What a spec registered: inputs by the type's last word and the logical name."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.found = {(r.type.rsplit(":", 1)[-1], r.name): r for r in recording.children()}

    def inputs(self, kind: str, name: str) -> dict[str, Any]:
        return self.found[kind, name].inputs

    def names(self, kind: str) -> list[str]:
        return sorted(name for type, name in self.found if type == kind)

    @property
    def warnings(self) -> dict[str, str]:
        return {f"{each.resource}.{each.field}": each.message for each in self.recording.warnings}


Lower = Callable[[str], Sent]
Refused = Callable[[str], dict[str, str]]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/train.py").write_text("pass\n")
    (tmp_path / "src/.env").write_text("A=c4n4ry\n")
    monkeypatch.setenv("A_HOOK", "https://example.com/c4n4ry")
    return tmp_path


@pytest.fixture
def lower(root: Path) -> Lower:
    def lowered(text: str) -> Sent:
        stack = _stack(root, text)
        return Sent(record(provider("aws"), lambda: deploy(stack), root, Aws()))

    return lowered


@pytest.fixture
def refused(root: Path) -> Refused:
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
