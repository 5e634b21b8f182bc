"""Stacks in the testbed, by the real command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlstack.testbed import Cluster
from tests.e2e.project import mlstack

#: A server that is an image alone: nothing has to be trained, locked or packed for it.
SPEC = """\
version: 1
name: echo
cloud: kubernetes
settings: {{kubernetes: {{patience: 3s}}}}
{more}
endpoints:
  echo:
    {endpoint}
    deployments:
      main: {{server: {{container: {{image: "{image}", port: 8080}}}}, traffic: 100{deployment}}}
"""
IMAGE = "registry.example/echo:1"


@dataclass(frozen=True)
class Echo:
    """A project of one endpoint in a cluster."""

    cluster: Cluster
    root: Path

    def write(self, image: str = IMAGE, deployment: str = "", endpoint: str = "", more: str = "") -> None:
        deployment = f", {deployment}" if deployment else ""
        spec = SPEC.format(image=image, deployment=deployment, endpoint=endpoint, more=more)
        (self.root / "mlstack.yaml").write_text(spec)

    def run(self, *arguments: str) -> tuple[int, Any]:
        done = mlstack(self.root, *arguments, "--json")
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def up(self) -> dict[str, Any]:
        code, told = self.run("up", "--yes")
        assert code == 0, told
        found: dict[str, Any] = told
        return found

    def fails(self) -> dict[str, Any]:
        """The error of an `up`."""
        code, told = self.run("up", "--yes")
        assert code == 1, told
        found: dict[str, Any] = told["error"]
        return found

    def changes(self) -> int:
        """How much a preview would change."""
        _, told = self.run("preview")
        return sum(count for op, count in told["summary"].items() if op != "same")

    @property
    def id(self) -> tuple[str, str]:
        """Namespace and name of the Deployment."""
        _, told = self.run("outputs")
        namespace, _, name = told["endpoints"]["echo"]["deployments"]["main"]["id"].partition("/")
        return namespace, name

    def get(self, kind: str, namespace: str, *more: str) -> Any:
        return json.loads(
            self.cluster.kubectl("get", kind, "--namespace", namespace, *more, "--output", "json")
        )


@pytest.fixture
def echo(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Echo]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    made = Echo(cluster, tmp_path)
    made.write()
    yield made
    code, told = made.run("down", "--yes")
    assert code == 0, told
