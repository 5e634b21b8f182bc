"""What goes wrong in a cluster: the right category and remedy, nothing lost, and what comes after converges.

The machines are kwok's: of an image of a host that cannot be, its kubelet says what a real one would. The API
server, the scheduler, the controllers and what they refuse are the real ones.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mlstack.testbed import Cluster
from tests.e2e.kubernetes.conftest import Echo
from tests.e2e.kubernetes.test_life import pytestmark as needs
from tests.e2e.project import MLSTACK

pytestmark = [*needs, pytest.mark.drawn(of=3)]

MISSING = "registry.invalid/echo:1"
HOST = '{kubernetes: {"Deployment[main]": {spec: {template: {spec: {hostNetwork: true}}}}}}'


def test_an_image_that_is_not_there(echo: Echo) -> None:
    echo.write(image=MISSING)
    error = echo.fails()
    assert (error["category"], error["code"]) == ("user", "does-not-come-up")
    assert f"the image {MISSING} cannot be pulled" in error["message"]
    assert error["where"] == "mlstack.yaml:7:3 endpoints.echo"
    assert "imagePullSecrets" in error["remedy"]
    echo.write()
    echo.up()
    assert echo.changes() == 0


def test_a_bad_image_leaves_the_good_one_answering(echo: Echo) -> None:
    echo.up()
    namespace, _ = echo.id
    echo.write(image=MISSING)
    echo.fails()
    running = [pod for pod in echo.get("pods", namespace)["items"] if pod["status"]["phase"] == "Running"]
    assert [pod["spec"]["containers"][0]["image"] for pod in running] == ["registry.example/echo:1"]
    _, told = echo.run("status")
    [state] = [each for each in told["resources"] if each["kind"] == "endpoint"]
    assert (state["state"], MISSING in state["detail"]) == ("degraded", True)


def test_a_gpu_that_no_node_has_left(echo: Echo) -> None:
    echo.write(deployment='gpu: "t4:4"')
    error = echo.fails()
    assert (error["category"], error["code"]) == ("quota", "does-not-come-up")
    assert "no node can take it" in error["message"]
    echo.write(deployment='gpu: "t4:1"')
    echo.up()
    assert echo.changes() == 0


def test_a_quota_that_is_exceeded(echo: Echo, namespace: str) -> None:
    echo.cluster.kubectl("create", "quota", "none", "--hard=pods=0", "--namespace", namespace)
    echo.write(more=f"workspace: {{existing: {namespace}}}")
    error = echo.fails()
    assert (error["category"], error["code"]) == ("quota", "does-not-come-up")
    assert "exceeded quota: none" in error["message"]
    echo.cluster.kubectl("delete", "quota", "none", "--namespace", namespace)
    echo.up()
    assert echo.changes() == 0


def test_pods_that_the_namespace_does_not_admit(echo: Echo) -> None:
    echo.write(endpoint=f"native: {HOST}")
    error = echo.fails()
    assert (error["category"], error["code"]) == ("permission", "does-not-come-up")
    assert 'violates PodSecurity "restricted' in error["message"]
    assert "hostNetwork" in error["message"]
    echo.write()
    echo.up()
    assert echo.changes() == 0


def test_credentials_that_have_expired(
    echo: Echo, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo.up()
    expired = tmp_path_factory.mktemp("expired") / "kubeconfig"
    known = json.loads(cluster.kubeconfig.read_text())
    assert known["users"][0]["user"].pop("token")
    known["users"][0]["user"]["token"] = "expired"
    expired.write_text(json.dumps(known))
    echo.write(image="registry.example/echo:2")
    with monkeypatch.context() as patched:
        patched.setenv("KUBECONFIG", str(expired))
        error = echo.fails()
        assert error["category"] == "permission", error
        _, told = echo.run("status")
        [found] = [each for each in told["resources"] if each["kind"] == "endpoint"]
        assert found["state"] == "degraded"
        assert found["detail"].startswith("not allowed to look: ")
    echo.up()
    assert echo.changes() == 0


def test_a_namespace_that_somebody_has_deleted(echo: Echo) -> None:
    echo.up()
    namespace, _ = echo.id
    echo.cluster.kubectl("delete", "namespace", namespace)
    _, told = echo.run("status")
    assert {each["name"]: each["state"] for each in told["resources"]}["echo"] == "absent"
    code, told = echo.run("refresh", "--yes")
    assert (code, told["summary"]["delete"] > 5) == (0, True), told
    echo.up()
    assert echo.changes() == 0
    assert echo.get("pods", echo.id[0])["items"][0]["status"]["phase"] == "Running"


def test_a_field_that_another_manager_has_taken(echo: Echo) -> None:
    echo.up()
    namespace, name = echo.id
    manifest = (
        f'{{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {{"name": "{name}"}}, '
        '"spec": {"progressDeadlineSeconds": 77}}'
    )
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=other", "--filename=-")
    echo.cluster.kubectl(*apply, "--namespace", namespace, input=manifest)
    echo.write(image="registry.example/echo:2")
    echo.up()
    spec = echo.get("deployment", namespace, name)["spec"]
    assert spec["template"]["spec"]["containers"][0]["image"] == "registry.example/echo:2"
    code, told = echo.run("refresh", "--yes")
    assert code == 0, told
    echo.up()
    assert echo.get("deployment", namespace, name)["spec"]["progressDeadlineSeconds"] == 1800


def test_an_api_server_that_ends_in_mid_update(echo: Echo, cluster: Cluster) -> None:
    with begun(echo) as command:
        end(cluster, "kube-apiserver", signal.SIGKILL)
        cluster.up(lambda line: print(line, file=sys.stderr))
        command.wait(300)
    echo.up()
    assert echo.changes() == 0
    assert len(echo.get("deployments", echo.id[0])["items"]) == 1


def test_an_etcd_that_stands_still_for_a_while(echo: Echo, cluster: Cluster) -> None:
    with begun(echo) as command:
        end(cluster, "etcd", signal.SIGSTOP)
        time.sleep(8)
        end(cluster, "etcd", signal.SIGCONT)
        command.wait(300)
    echo.up()
    assert echo.changes() == 0
    assert len(echo.get("deployments", echo.id[0])["items"]) == 1


class begun:  # noqa: N801  used as a function
    """An `up` that has made its namespace."""

    def __init__(self, echo: Echo) -> None:
        self._echo = echo

    def __enter__(self) -> subprocess.Popen[bytes]:
        before = self._namespaces()
        command = [MLSTACK, "up", "--yes"]
        self._process = subprocess.Popen(command, cwd=self._echo.root, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while self._namespaces() == before:
            assert self._process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def _namespaces(self) -> str:
        return self._echo.cluster.kubectl("get", "namespaces", "--output", "name")


def end(cluster: Cluster, name: str, number: int) -> None:
    record = cluster.record()
    assert record is not None
    os.kill(record.processes[name].pid, number)
