"""The life of a stack in a cluster: the real engine, the real provider, a real control plane.

No kubelet runs: kwok says of pods that they run, and of a job's that they have completed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.testbed import Cluster
from tests.e2e.project import copy_example, mlstack

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        shutil.which("pulumi-resource-kubernetes") is None,
        reason="pulumi-resource-kubernetes is not on PATH: `pulumi plugin install resource kubernetes`",
    ),
]


@pytest.fixture
def digits(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    root = copy_example(tmp_path)
    yield root
    down = mlstack(root, "down", "--yes", "--cloud", "kubernetes", "--json")
    assert down.returncode == 0, down.stdout


def up(root: Path) -> dict[str, Any]:
    done = mlstack(root, "up", "--yes", "--cloud", "kubernetes", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def namespaces(cluster: Cluster) -> list[str]:
    return cluster.kubectl("get", "namespaces", "--output", "name").split()


def test_the_life_of_a_stack(cluster: Cluster, digits: Path) -> None:
    before = namespaces(cluster)
    made = up(digits)
    endpoint = made["outputs"]["endpoints"]["digits"]
    space, _, deployment = endpoint["deployments"]["main"]["id"].partition("/")

    def get(*what: str) -> Any:
        return json.loads(cluster.kubectl("get", "--namespace", space, *what, "--output", "json"))

    assert {pod["status"]["phase"] for pod in get("pods")["items"]} == {"Running", "Succeeded"}
    service = endpoint["url"].removeprefix("http://").partition(".")[0]
    labels = get("service", service)["spec"]["selector"]
    assert labels.items() <= get("deployment", deployment)["spec"]["template"]["metadata"]["labels"].items()

    again = up(digits)["summary"]
    assert again == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": made["summary"]["create"]}

    cluster.kubectl("scale", "--namespace", space, f"deployment/{deployment}", "--replicas=3")
    refreshed = mlstack(digits, "refresh", "--yes", "--cloud", "kubernetes", "--json")
    assert json.loads(refreshed.stdout)["summary"]["update"] == 1, refreshed.stdout
    assert up(digits)["summary"]["update"] == 1
    assert get("deployment", deployment)["spec"]["replicas"] == 1

    down = mlstack(digits, "down", "--yes", "--cloud", "kubernetes", "--json")
    assert down.returncode == 0, down.stdout
    assert namespaces(cluster) == before
