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

FILES = {
    "data/rows.csv": "x,label\n1,0\n2,1\n",
    "data/more/a.csv": "x\n1\n",
    "files/net/model.txt": "weights\n",
    "image/Dockerfile": "FROM python:3.11-slim\n",
    "base.txt": "numpy==2.0.0\n",
    "requirements.txt": "-r base.txt\nsix==1.17.0  # a comment\n",
    "local.txt": "-e ./src\n",
    "environment.yml": "name: own\ndependencies: [python=3.10, libgomp, pip, {pip: [-r base.txt]}]\n",
}


class Google(Answers):
    """Each create is answered with an id in one project, and the few outputs that others need."""

    def created(self, type: str, name: str, inputs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        word = type.rsplit(":", 1)[-1]
        more: dict[str, Any] = {}
        if word == "Account":
            email = f"{inputs['accountId']}@ml-prod.iam.gserviceaccount.com"
            more = {"email": email, "name": f"projects/ml-prod/serviceAccounts/{email}"}
        if word == "SecretVersion":
            more = {"name": f"{inputs['secret']}/versions/1"}
        if word == "ServiceIdentity":
            more = {"member": f"serviceAccount:{inputs['service']}"}
        if type.startswith("mlstack:"):
            more = {"uri": f"gs://{inputs.get('bucket')}/{name}/", "image": f"registry/{name}", "name": name}
        if word == "Secret":
            return f"projects/ml-prod/secrets/{inputs['secretId']}", more
        return f"projects/ml-prod/{word}/{name}", more

    def called(self, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        word = function.rsplit(":", 1)[-1]
        if word == "getProject":
            return {"number": "123456789012"}
        if word == "getProjectServiceAccount":
            return {"emailAddress": "storage@gs.example"}
        return {"project": "ml-asked"}


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
        """The outputs of a component ("Compute", "train")."""
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
    from mlstack_gcp import account, region

    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in (*account.PROJECT, *region.VARIABLES):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("A_TOKEN", "c4n4ry")
    monkeypatch.setenv("GOOGLE_PROJECT", "ml-prod")
    return tmp_path


@pytest.fixture
def lower(root: Path) -> Lower:
    def lowered(text: str) -> Sent:
        stack = _stack(root, text)
        return Sent(record(provider("gcp"), lambda: deploy(stack), root, Google()))

    return lowered


@pytest.fixture
def refusals(root: Path) -> Refused:
    """Path -> message of all that is refused of a spec; each refusal has a way out."""

    def told(text: str) -> dict[str, str]:
        stack = _stack(root, text)
        with pytest.raises(SpecError) as caught:
            record(provider("gcp"), lambda: deploy(stack), root, Google())
        assert all(each.remedy for each in caught.value.problems)
        return {each.path: each.message for each in caught.value.problems}

    return told


def _stack(root: Path, text: str) -> ml.Stack:
    (root / "mlstack.yaml").write_text(
        f"version: 1\nname: ground\ncloud: gcp\nregion: europe-west4\n{text}\n"
    )
    return ml.Stack.load(root / "mlstack.yaml")
