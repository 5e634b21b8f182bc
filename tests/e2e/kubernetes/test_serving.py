"""Ways of serving, in a cluster with the definitions of real operators: a field that they lack is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlstack.testbed import Cluster
from tests.e2e.kubernetes.acting import operator
from tests.e2e.project import copy_example, mlstack
from tests.testbed import definitions

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        shutil.which("pulumi-resource-kubernetes") is None,
        reason="pulumi-resource-kubernetes is not on PATH: `pulumi plugin install resource kubernetes`",
    ),
]
KSERVE = ("inferenceservices.serving.kserve.io", "inferencegraphs.serving.kserve.io")
NOTHING = {"create": 0, "update": 0, "replace": 0, "delete": 0}


@pytest.fixture
def digits(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from example("digits", cluster, tmp_path, monkeypatch)


@pytest.fixture
def llm(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from example("llm", cluster, tmp_path, monkeypatch)


def example(name: str, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    root = copy_example(tmp_path, name)
    yield root
    down = mlstack(root, "down", "--yes", "--cloud", "kubernetes", "--json")
    assert down.returncode == 0, down.stdout


def told(root: Path, *words: str) -> dict[str, Any]:
    done = mlstack(root, *words, "--cloud", "kubernetes", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def up(root: Path, *words: str) -> dict[str, Any]:
    return told(root, "up", "--yes", *words)


def objects(cluster: Cluster, *what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cluster.kubectl("get", *what, "-A", "--output", "json"))["items"]
    return found


def test_an_operator_that_comes_later_replaces_nothing(cluster: Cluster, digits: Path) -> None:
    definitions("kserve")
    made = up(digits)
    [url] = [each["url"] for each in made["outputs"]["endpoints"].values()]
    cluster.define(["kserve"], print)
    again = up(digits)
    assert again["summary"] == {**NOTHING, "same": made["summary"]["create"]}
    with operator(cluster, *KSERVE):
        replaced = up(digits, "--replan")
    assert [each["url"] for each in replaced["outputs"]["endpoints"].values()] == [url]
    [service] = objects(cluster, KSERVE[0])
    assert service["spec"]["predictor"]["containers"][0]["name"] == "kserve-container"
    assert up(digits)["summary"] == {**NOTHING, "same": made["summary"]["create"]}
    told(digits, "down", "--yes")
    assert objects(cluster, KSERVE[0]) == []


SHARED = """
settings: {kubernetes: {serving: kserve}}
endpoints:
  digits:
    deployments:
      main: {traffic: 90}
      other: {model: digits, environment: sk, traffic: 10}
"""


def test_kserve_shares_out_requests_by_a_graph(cluster: Cluster, digits: Path) -> None:
    definitions("kserve")
    cluster.define(["kserve"], print)
    (digits / "mlstack.dev-kubernetes.yaml").write_text(SHARED)
    with operator(cluster, *KSERVE):
        made = up(digits)
    [graph] = objects(cluster, KSERVE[1])
    steps = graph["spec"]["nodes"]["root"]["steps"]
    assert [(each["name"], each["weight"]) for each in steps] == [("main", 90), ("other", 10)]
    assert len(objects(cluster, KSERVE[0])) == 2
    assert up(digits)["summary"] == {**NOTHING, "same": made["summary"]["create"]}


SLEEPING = """
settings: {kubernetes: {serving: kserve}}
endpoints:
  digits:
    deployments:
      main: {replicas: {min: 0, max: 3, target: {concurrency: 4}, idle: 60s}, timeout: 30s}
"""


def test_a_deployment_sleeps_on_knative_and_is_refused_without(cluster: Cluster, digits: Path) -> None:
    definitions("kserve")
    definitions("knative")
    cluster.define(["kserve"], print)
    (digits / "mlstack.dev-kubernetes.yaml").write_text(SLEEPING)
    refused = mlstack(digits, "preview", "--cloud", "kubernetes", "--json")
    assert "the cluster has no Knative" in refused.stdout
    cluster.define(["knative"], print)
    with operator(cluster, *KSERVE):
        made = up(digits)
    [service] = objects(cluster, KSERVE[0])
    predictor = service["spec"]["predictor"]
    assert (predictor["minReplicas"], predictor["scaleMetric"], predictor["scaleTarget"]) == (
        0,
        "concurrency",
        4,
    )
    assert up(digits)["summary"] == {**NOTHING, "same": made["summary"]["create"]}


FOLLOWED = """
settings: {kubernetes: {serving: plain, prometheus: {address: "http://prometheus.monitoring.svc:9090"}}}
endpoints:
  digits:
    deployments:
      main: {replicas: {min: 1, max: 3, target: {rps: 20}, idle: 60s}}
"""


def test_keda_follows_requests(cluster: Cluster, digits: Path) -> None:
    definitions("keda")
    (digits / "mlstack.dev-kubernetes.yaml").write_text(FOLLOWED)
    refused = mlstack(digits, "preview", "--cloud", "kubernetes", "--json")
    assert "the cluster has no KEDA" in refused.stdout
    cluster.define(["keda"], print)
    made = up(digits)
    [scaled] = objects(cluster, "scaledobjects.keda.sh")
    asked = scaled["spec"]["triggers"][0]["metadata"]
    [deployment] = objects(cluster, "deployments")
    assert scaled["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert deployment["metadata"]["name"] in asked["query"]
    assert asked["threshold"] == "20"
    assert up(digits)["summary"] == {**NOTHING, "same": made["summary"]["create"]}


#: Of the accelerators that the testbed's nodes have.
GPU = """
settings: {{kubernetes: {{serving: {way}}}}}
endpoints: {{chat: {{deployments: {{main: {{gpu: "t4:1"}}}}}}}}
"""


@pytest.mark.parametrize("way", ["plain", "kserve"])
def test_a_language_model_in_each_way(way: str, cluster: Cluster, llm: Path) -> None:
    definitions("kserve")
    cluster.define(["kserve"], print)
    (llm / "mlstack.dev-kubernetes.yaml").write_text(GPU.format(way=way))
    with operator(cluster, *KSERVE):
        made = up(llm)
    if way == "plain":
        [deployment] = objects(cluster, "deployments")
        [container] = deployment["spec"]["template"]["spec"]["containers"]
    else:
        assert objects(cluster, "deployments") == []
        [service] = objects(cluster, KSERVE[0])
        [container] = service["spec"]["predictor"]["containers"]
    assert "vllm serve Qwen/Qwen2.5-1.5B-Instruct" in " ".join(container["command"])
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert up(llm)["summary"] == {**NOTHING, "same": made["summary"]["create"]}
