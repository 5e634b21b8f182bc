"""Jobs in a queue of Kueue, with its real definitions: what the API server takes. Kueue does not run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.testbed import Cluster
from tests.e2e.project import mlstack
from tests.testbed import definitions

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        shutil.which("pulumi-resource-kubernetes") is None,
        reason="pulumi-resource-kubernetes is not on PATH: `pulumi plugin install resource kubernetes`",
    ),
]

SPEC = """
version: 1
name: queued
cloud: kubernetes
settings: {kubernetes: {cluster_queue: research}}
jobs: {say: {command: echo said}}
"""


@pytest.fixture
def project(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    definitions("kueue")
    cluster.define(["kueue"], print)
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    (tmp_path / "mlstack.yaml").write_text(SPEC)
    yield tmp_path
    down = mlstack(tmp_path, "down", "--yes", "--json")
    assert down.returncode == 0, down.stdout


def told(done: Any) -> dict[str, Any]:
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_jobs_name_the_queue_that_is_made(cluster: Cluster, project: Path) -> None:
    made = told(mlstack(project, "up", "--yes", "--json"))
    space, _, name = made["outputs"]["jobs"]["say"]["id"].partition("/")

    def get(*what: str) -> Any:
        return json.loads(cluster.kubectl("get", "--namespace", space, *what, "--output", "json"))

    [queue] = get("localqueues.kueue.x-k8s.io")["items"]
    labels = get("job", name)["metadata"]["labels"]
    assert labels["kueue.x-k8s.io/queue-name"] == queue["metadata"]["name"]
    assert queue["spec"]["clusterQueue"] == "research"
    again = told(mlstack(project, "up", "--yes", "--json"))["summary"]
    assert again == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": made["summary"]["create"]}
