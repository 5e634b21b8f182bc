"""Specs through the builders, and a cloud that answers with ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlstack.testing import Answers
from tests.lowered import Lower, Refused, lowering, refusing

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
        if word == "Cluster":
            more = {"endpoint": "34.1.2.3", "masterAuth": {"clusterCaCertificate": "Y2VydA=="}}
        if type.startswith("mlstack:"):
            more = {"uri": f"gs://{inputs.get('bucket')}/{name}/", "image": f"registry/{name}", "name": name}
            more["deployed_model_id"] = f"id-of-{name}"
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
    return lowering("gcp", "europe-west4", root, Google)


@pytest.fixture
def refusals(root: Path) -> Refused:
    return refusing("gcp", "europe-west4", root, Google)
