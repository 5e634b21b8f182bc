"""Specs through the builders, and a cloud that answers with ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.content import fingerprint
from mlstack.testing import Answers
from tests.lowered import Lower, Refused, lowering, refusing

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
        if word == "Job":
            made_of = fingerprint(str(inputs["counts"]))
            more["artifacts"] = {
                each: {"uri": f"s3://made/{name}-{made_of}/{each}/", "version": made_of}
                for each in inputs.get("outputs") or {}
            }
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
    return lowering("aws", "eu-west-1", root, Aws)


@pytest.fixture
def refusals(root: Path) -> Refused:
    return refusing("aws", "eu-west-1", root, Aws)
