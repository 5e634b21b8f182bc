"""The testbed is a Kubernetes cluster as far as a client can tell, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

from mlstack.errors import TargetError
from mlstack.testbed import Cluster
from tests.testbed import definitions, up

SECONDS = 60.0


def apply(cluster: Cluster, namespace: str, *manifests: dict[str, Any]) -> None:
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
    cluster.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", input=document)


def get(cluster: Cluster, namespace: str, *what: str) -> Any:
    return json.loads(cluster.kubectl("get", "-n", namespace, *what, "-o", "json"))


def until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


def pod_spec(**more: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "example.org/none", **more.pop("container", {})}
    return {"containers": [container], **more}


def workload(kind: str, api: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec}


def test_the_pods_of_a_deployment_run(cluster: Cluster, namespace: str) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": pod_spec()}
    spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
    apply(cluster, namespace, workload("Deployment", "apps/v1", "web", spec))
    cluster.kubectl("rollout", "status", "-n", namespace, "deployment/web", "--timeout=60s")
    pods = get(cluster, namespace, "pods", "-l", "app=web")["items"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    assert {pod["spec"]["nodeName"] for pod in pods} <= {"cpu-1", "cpu-2"}
    assert "nothing runs here" in cluster.kubectl("logs", "-n", namespace, "deployment/web", "--tail=1")


@pytest.mark.parametrize(
    ("product", "count", "node"), [("Tesla-T4", 1, "t4-1"), ("NVIDIA-A100-SXM4-40GB", 8, "a100-1")]
)
def test_a_pod_gets_the_graphics_cards_that_it_asks_for(
    cluster: Cluster, namespace: str, product: str, count: int, node: str
) -> None:
    spec = pod_spec(
        container={"resources": {"limits": {"nvidia.com/gpu": str(count)}}},
        nodeSelector={"nvidia.com/gpu.product": product},
        tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}],
    )
    apply(cluster, namespace, workload("Pod", "v1", "trainer", spec))
    cluster.kubectl("wait", "-n", namespace, "pod/trainer", "--for=condition=Ready", "--timeout=60s")
    assert get(cluster, namespace, "pod", "trainer")["spec"]["nodeName"] == node


def test_a_pod_without_a_toleration_gets_no_graphics_card(cluster: Cluster, namespace: str) -> None:
    limits = {"limits": {"nvidia.com/gpu": "1"}}
    apply(cluster, namespace, workload("Pod", "v1", "shy", pod_spec(container={"resources": limits})))
    conditions = until(lambda: get(cluster, namespace, "pod", "shy")["status"].get("conditions"))
    assert conditions[0]["reason"] == "Unschedulable"
    assert "untolerated taint" in conditions[0]["message"]


def job(name: str, **template: Any) -> dict[str, Any]:
    spec = {"backoffLimit": 0, "template": {**template, "spec": pod_spec(restartPolicy="Never")}}
    return workload("Job", "batch/v1", name, spec)


def test_a_job_completes_and_one_that_is_to_fail_fails(cluster: Cluster, namespace: str) -> None:
    label = {"pod-container-running-failed.stage.kwok.x-k8s.io": "true"}
    slow = {"pod-complete.stage.kwok.x-k8s.io/delay": "600s"}
    apply(cluster, namespace, job("good"))
    apply(cluster, namespace, job("slow", metadata={"annotations": slow}))
    apply(cluster, namespace, job("bad", metadata={"labels": label, "annotations": slow}))
    cluster.kubectl("wait", "-n", namespace, "job/good", "--for=condition=Complete", "--timeout=60s")
    cluster.kubectl("wait", "-n", namespace, "job/bad", "--for=condition=Failed", "--timeout=60s")
    assert until(lambda: get(cluster, namespace, "job", "slow")["status"].get("ready")) == 1


def test_a_load_balancer_gets_an_address(cluster: Cluster, namespace: str) -> None:
    ports = {"ports": [{"port": 80}]}
    apply(cluster, namespace, workload("Service", "v1", "door", {"type": "LoadBalancer", **ports}))
    apply(cluster, namespace, workload("Service", "v1", "inner", ports))
    found = until(lambda: get(cluster, namespace, "service", "door")["status"]["loadBalancer"])
    assert found["ingress"][0]["ip"].startswith("198.18.")
    assert get(cluster, namespace, "service", "inner")["status"] == {"loadBalancer": {}}


def test_a_claim_of_storage_is_bound(cluster: Cluster, namespace: str) -> None:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    apply(cluster, namespace, workload("PersistentVolumeClaim", "v1", "data", spec))
    until(lambda: get(cluster, namespace, "pvc", "data")["status"]["phase"] == "Bound")


def test_pod_security_and_roles_are_enforced(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    with pytest.raises(TargetError, match="violates PodSecurity"):
        apply(cluster, namespace, workload("Pod", "v1", "root", pod_spec(hostNetwork=True)))
    who = f"--as=system:serviceaccount:{namespace}:default"
    with pytest.raises(TargetError, match="cannot list resource"):
        cluster.kubectl("get", "secrets", "-n", namespace, who)
    cluster.kubectl(
        "create",
        "rolebinding",
        "see",
        "-n",
        namespace,
        "--clusterrole=admin",
        f"--serviceaccount={namespace}:default",
    )
    cluster.kubectl("get", "secrets", "-n", namespace, who)


def test_nobody_else_reads_the_keys(cluster: Cluster) -> None:
    config = YAML(typ="safe").load(cluster.kubeconfig)
    files = [file for file in cluster.folder.rglob("*") if file.is_file() and file.stat().st_size < 1_000_000]
    for user in config["users"]:
        readers = [file for file in files if user["user"]["token"] in text(file)]
        assert cluster.kubeconfig in readers
        assert {stat.S_IMODE(file.stat().st_mode) for file in readers} == {0o600}
    assert stat.S_IMODE(cluster.folder.stat().st_mode) == 0o700


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gadgets.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"kind": "Gadget", "plural": "gadgets"},
        "conversion": {
            "strategy": "Webhook",
            "webhook": {
                "conversionReviewVersions": ["v1"],
                "clientConfig": {"service": {"name": "none", "namespace": "none"}},
            },
        },
        "versions": [
            {
                "name": version,
                "served": True,
                "storage": version == "v2",
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}}
                        },
                    }
                },
            }
            for version in ("v1", "v2")
        ],
    },
}


def test_a_definition_in_a_folder_makes_the_server_strict(
    cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "gadgets.json").write_text(json.dumps(CRD), encoding="utf-8")
    for _ in range(2):  # again is no conflict
        cluster.define([str(tmp_path)], print)
    apply(cluster, namespace, workload("Gadget", "example.org/v1", "one", {"size": 1}))
    # It asks for a webhook that converts, and nobody is there.
    assert get(cluster, namespace, "gadgets.v2.example.org", "one")["spec"] == {"size": 1}
    wrong = json.dumps(workload("Gadget", "example.org/v1", "two", {"size": 1, "colour": "red"}))
    with pytest.raises(TargetError, match=r'strict decoding error: unknown field "spec\.colour"'):
        cluster.kubectl("create", "-n", namespace, "-f", "-", input=wrong)
    record = cluster.record()
    assert record is not None
    assert str(tmp_path) in record.definitions


def test_the_definitions_of_a_project_are_known_by_its_name(cluster: Cluster, namespace: str) -> None:
    definitions("keda")
    cluster.define(["keda"], print)
    spec = {"scaleTargetRef": {"name": "web"}, "maxReplicaCount": "many"}
    with pytest.raises(TargetError, match=r"spec\.maxReplicaCount"):
        apply(cluster, namespace, workload("ScaledObject", "keda.sh/v1alpha1", "scaler", spec))


@pytest.mark.soak
@pytest.mark.parametrize(
    ("project", "resource"),
    [
        ("argo", "workflows.argoproj.io"),
        ("gateway", "httproutes.gateway.networking.k8s.io"),
        ("knative", "services.serving.knative.dev"),
        ("kserve", "llminferenceservices.serving.kserve.io"),
        ("kuberay", "rayservices.ray.io"),
        ("kueue", "clusterqueues.kueue.x-k8s.io"),
        ("prometheus", "servicemonitors.monitoring.coreos.com"),
    ],
)
def test_every_project_has_its_definitions(cluster: Cluster, project: str, resource: str) -> None:
    cluster.define([project], print)
    assert cluster.kubectl("get", resource, "--all-namespaces", "-o", "name") == ""


@pytest.fixture(scope="module")
def second(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Another testbed, beside the one of the module."""
    second = Cluster(tmp_path_factory.mktemp("second"))
    up(second)
    yield second
    second.down()


def pids(cluster: Cluster) -> dict[str, int]:
    return {part.name: part.pid for part in cluster.components() if part.pid}


def test_two_at_once_know_nothing_of_each_other(cluster: Cluster, second: Cluster, namespace: str) -> None:
    assert len(pids(cluster).keys() & pids(second).keys()) == 5
    assert not set(pids(cluster).values()) & set(pids(second).values())
    with pytest.raises(TargetError, match="not found"):
        second.kubectl("get", "namespace", namespace)


def test_what_crashed_is_started_again_and_nothing_is_lost(second: Cluster) -> None:
    second.kubectl("create", "configmap", "kept", "--from-literal=a=b")
    before = pids(second)
    for name in ("kwok", "etcd"):
        os.kill(before[name], signal.SIGKILL)
    until(lambda: pids(second).keys() == before.keys() - {"kwok", "etcd"})
    up(second)
    after = pids(second)
    assert after.keys() == before.keys()
    assert after["kwok"] != before["kwok"]
    assert after["kube-apiserver"] == before["kube-apiserver"]
    assert "kept" in second.kubectl("get", "configmaps", "-o", "name")


def test_other_machines_take_the_place_of_those_before(second: Cluster) -> None:
    second.up(print, {"cpu": 1, "a100": 2})
    assert second.kubectl("get", "nodes", "-o", "name").split() == [
        "node/a100-1",
        "node/a100-2",
        "node/cpu-1",
    ]


def test_its_life_on_the_command_line(cluster: Cluster, tmp_path: Path) -> None:
    def mlstack(*words: str, code: int = 0) -> Any:
        ran = subprocess.run(
            [Path(sys.executable).with_name("mlstack"), "testbed", *words, "--json"],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert ran.returncode == code, ran.stderr
        return json.loads(ran.stdout)

    assert mlstack("status") == {"testbeds": []}
    told = mlstack("up", "--name", "mine", "--nodes", "cpu=1")
    assert (told["name"], told["state"], told["nodes"]) == ("mine", "running", {"cpu": 1})
    assert mlstack("status") == {"testbeds": [told]}
    processes = {part["name"]: psutil.Process(part["pid"]) for part in told["components"]}
    folder = str(Path(told["kubeconfig"]).parent)
    assert {process.pid for process in psutil.process_iter() if where(process) == folder} == {
        process.pid for process in processes.values()
    }
    processes["kube-scheduler"].kill()
    processes["kube-scheduler"].wait()
    [degraded] = mlstack("status", code=1)["testbeds"]
    assert degraded["state"] == "degraded"
    assert [part["name"] for part in degraded["components"] if not part["pid"]] == ["kube-scheduler"]
    assert mlstack("down", "--name", "mine") == {"name": "mine", "ended": True}
    assert not any(process.is_running() for process in processes.values())
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(told["url"].rpartition(":")[2]))) != 0
    assert not Path(folder).exists()
    assert mlstack("down", "--name", "mine") == {"name": "mine", "ended": False}
    assert len(pids(cluster)) == 5


def where(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except psutil.Error:
        return ""
