"""Specs through the builders of jobs and what is around them, and a cloud that answers with ARNs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.testing import Answers
from tests.lowered import Lower, Refused, lowering, refusing

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


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/train.py").write_text("pass\n")
    (tmp_path / "src/.env").write_text("A=c4n4ry\n")
    monkeypatch.setenv("A_HOOK", "https://example.com/c4n4ry")
    return tmp_path


@pytest.fixture
def lower(root: Path) -> Lower:
    return lowering("aws", "eu-west-1", root, Aws)


@pytest.fixture
def refused(root: Path) -> Refused:
    return refusing("aws", "eu-west-1", root, Aws)
