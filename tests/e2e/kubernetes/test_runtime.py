"""The calls that are no resources, in the testbed: how things fare, logs, requests by a forwarded port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mlstack.testbed import Cluster
from tests.e2e.kubernetes.conftest import Echo
from tests.e2e.kubernetes.test_life import digits, pytestmark, up  # noqa: F401  the fixture too
from tests.e2e.project import mlstack

DELAY = "pod-complete.stage.kwok.x-k8s.io/delay"


class Server(BaseHTTPRequestHandler):
    """In the place of a pod: says what it was asked, and by whom."""

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = {"sent": sent, "key": self.headers["Authorization"], "path": self.path}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def behind(cluster: Cluster) -> Iterator[None]:
    record = cluster.record()
    assert record is not None
    server = ThreadingHTTPServer(("127.0.0.1", record.behind), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def test_an_endpoint_is_asked_through_a_forwarded_port_with_its_key(echo: Echo, behind: None) -> None:
    echo.up()
    (echo.root / "asked.json").write_text('{"instances": [[1.0]]}')
    _, outputs = echo.run("outputs", "--show-secrets")
    for more in ((), ("--deployment", "main")):
        code, said = echo.run("invoke", "echo", "--data", "asked.json", *more)
        assert code == 0, said
        key = outputs["endpoints"]["echo"]["key"]
        assert said == {"sent": {"instances": [[1.0]]}, "key": f"Bearer {key}", "path": "/"}
    code, said = echo.run("invoke", "echo", "--data", "asked.json", "--deployment", "blue")
    assert (code, "main" in said["error"]["remedy"]) == (2, True)


def test_status_logs_and_runs(cluster: Cluster, digits: Path) -> None:  # noqa: F811
    made = up(digits)
    told = json.loads(mlstack(digits, "status", "--cloud", "kubernetes", "--json").stdout)
    fared = {(each["kind"], each["name"]): (each["state"], each["detail"]) for each in told["resources"]}
    assert fared["endpoint", "digits"] == ("ready", "main ready (1 of 1 ready)")
    state, detail = fared["job", "train"]
    run = detail.removeprefix("succeeded, run ")
    assert (state, detail.startswith("succeeded, run train-")) == ("ready", True)

    for name in ("train", "digits"):
        said = mlstack(digits, "logs", name, "--cloud", "kubernetes")
        assert said.stdout == "nothing runs here: the pod is played\n", said.stderr

    [known] = json.loads(mlstack(digits, "runs", "train", "--cloud", "kubernetes", "--json").stdout)["runs"]
    assert (known["id"], known["status"], known["own"]) == (run, "succeeded", True)

    space, _, name = made["outputs"]["endpoints"]["digits"]["deployments"]["main"]["id"].partition("/")
    cluster.kubectl("scale", "--namespace", space, f"deployment/{name}", "--replicas=0")
    told = json.loads(mlstack(digits, "status", "--cloud", "kubernetes", "--json").stdout)
    [state] = [each["state"] for each in told["resources"] if each["kind"] == "endpoint"]
    assert state == "stopped"


@pytest.mark.drawn(of=3)
def test_a_run_that_is_cancelled_begins_anew(echo: Echo) -> None:
    job = {
        "command": "sleep 600",
        "environment": "own",
        "native": {"kubernetes": {"spec": {"template": {"metadata": {"annotations": {DELAY: "30m"}}}}}},
    }
    own = {"environments": {"own": {"image": "registry.example/own:1"}}, "jobs": {"long": job}}
    echo.write(more="\n".join(f"{kind}: {json.dumps(held)}" for kind, held in own.items()))
    echo.up()
    namespace, _ = echo.id

    def state() -> str:
        _, told = echo.run("status")
        [found] = [each["state"] for each in told["resources"] if each["kind"] == "job"]
        return str(found)

    assert state() == "running"
    [job] = echo.get("jobs", namespace)["items"]
    other = {**job, "metadata": {"name": "long", "namespace": namespace}}  # as of another stack
    other["spec"] = {"template": job["spec"]["template"]}
    other["spec"]["template"]["metadata"] = {"labels": {"app.kubernetes.io/part-of": "jobs.long"}}
    echo.cluster.kubectl("create", "--filename=-", input=json.dumps(other))

    code, told = echo.run("cancel", "long")
    assert code == 0, told
    assert [each["metadata"]["name"] for each in echo.get("jobs", namespace)["items"]] == ["long"]
    assert state() == "absent"
    echo.run("refresh", "--yes")
    echo.up()
    assert state() == "running"
