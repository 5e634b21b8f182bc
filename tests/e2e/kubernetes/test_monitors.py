"""Monitors in a cluster: what the API server takes, what a second `up` leaves, and what a pod measures."""

from __future__ import annotations

import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mlstack.testbed import Cluster
from providers.local.tests.receiver import Receiver
from tests.e2e.kubernetes.played import Played
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
name: watched
cloud: kubernetes
settings:
  kubernetes:
    prometheus: {labels: {release: stack}}
environments: {sk: {image: registry.example.com/sk:1}}
data: {seen: {path: seen.csv, type: file, columns: {label: label}}}
models: {net: {path: model, flavor: sklearn}}
endpoints:
  net: {deployments: {main: {model: net, environment: sk, capture: {}}}}
secrets: {hook: {env: HOOK}}
notifications: {us: {webhook: {secret: hook}}}
monitors:
  drift: {endpoint: net, signal: data-drift, baseline: data.seen, threshold: 0.2, every: 1h, notify: [us]}
  slow: {endpoint: net, signal: latency, threshold: 200ms, notify: [us]}
  bad: {endpoint: net, signal: errors, threshold: 5%}
"""
ROWS = 1000


def rows(shift: float = 0.0) -> Any:
    return np.random.default_rng(7).normal(shift, 1.0, (ROWS, 2))


@pytest.fixture
def told() -> Iterator[Receiver]:
    receiver = Receiver()
    Thread(target=receiver.server.serve_forever, daemon=True).start()
    yield receiver
    receiver.server.shutdown()


@pytest.fixture
def project(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Receiver
) -> Iterator[Path]:
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig))
    monkeypatch.setenv("HOOK", told.url)
    root = tmp_path / "watched"
    (root / "model").mkdir(parents=True)
    (root / "mlstack.yaml").write_text(SPEC)
    known = rows()
    labels = (known.sum(axis=1) > 0).astype(int)
    joblib.dump(LogisticRegression().fit(known, labels), root / "model" / "model.joblib")
    lines = [f"{a},{b},{label}" for (a, b), label in zip(known, labels, strict=True)]
    (root / "seen.csv").write_text("\n".join(["a,b,label", *lines]) + "\n")
    yield root
    down = mlstack(root, "down", "--yes", "--json")
    assert down.returncode == 0, down.stdout


def up(root: Path, *more: str) -> dict[str, Any]:
    done = mlstack(root, "up", "--yes", "--json", *more)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_an_operator_that_comes_later_changes_nothing_that_is_live(cluster: Cluster, project: Path) -> None:
    """The first of this file: no test before it has defined what the operator brings."""
    spec = (project / "mlstack.yaml").read_text()
    (project / "mlstack.yaml").write_text(spec.partition("secrets:")[0])
    made = up(project)["summary"]
    space, _, deployed = outputs_of(project)["endpoints"]["net"]["deployments"]["main"]["id"].partition("/")

    def marks() -> Any:
        text = cluster.kubectl("get", "--namespace", space, "deployment", deployed, "--output", "json")
        return json.loads(text)["spec"]["template"]["metadata"].get("annotations", {})

    assert marks()["prometheus.io/port"] == "8080"
    operator(cluster)
    assert up(project)["summary"]["same"] == made["create"]
    anew = up(project, "--replan")["summary"]
    assert (anew["create"], anew["replace"], anew["delete"]) == (1, 0, 0)
    assert "prometheus.io/port" not in marks()


def test_what_is_captured_is_measured_and_told(
    cluster: Cluster, project: Path, tmp_path: Path, told: Receiver
) -> None:
    operator(cluster)
    made = up(project)
    outputs = made["outputs"]
    space, _, deployed = outputs["endpoints"]["net"]["deployments"]["main"]["id"].partition("/")
    key = outputs_of(project)

    def get(*what: str) -> Any:
        return json.loads(cluster.kubectl("get", "--namespace", space, *what, "--output", "json"))

    for kind, name in (("prometheusrule", "slow"), ("prometheusrule", "bad"), ("cronjob", "drift")):
        assert get(kind, outputs["monitors"][name]["id"].partition("/")[2])
    [scraped] = get("servicemonitors")["items"]
    [service] = get("services")["items"]
    assert scraped["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    [board] = get("configmaps", "--selector", "grafana_dashboard=1")["items"]
    assert json.loads(next(iter(board["data"].values())))["panels"]
    assert up(project)["summary"]["same"] == made["summary"]["create"]

    def played(name: str, template: Any) -> Played:
        programs = [Path(sys.executable).parent]
        return Played(
            cluster, space, template, root=tmp_path / name, claims=tmp_path / "claims", path=programs
        )

    server = played("server", get("deployment", deployed)["spec"]["template"])
    server.prepare()
    ask(server, key["endpoints"]["net"]["key"], tmp_path, rows())

    job = get("cronjob", outputs["monitors"]["drift"]["id"].partition("/")[2])["spec"]["jobTemplate"]
    first = played("first", job["spec"]["template"])
    first.prepare()
    time.sleep(6)  # what was asked just before may not be written yet: a reading leaves it out
    read = first.run()
    assert read.returncode == 0, read.stderr
    reading = json.loads(read.stdout.splitlines()[-1])
    assert (reading["state"], reading["samples"], reading["value"]) == ("ok", ROWS, 0.0)
    assert {row["name"] for row in reading["columns"]} == {"a", "b"}
    assert told.told == []

    again = played("server-again", get("deployment", deployed)["spec"]["template"])
    again.prepare()
    ask(again, key["endpoints"]["net"]["key"], tmp_path, rows(2.0))
    time.sleep(6)
    second = played("second", job["spec"]["template"])
    second.prepare()
    read = second.run()
    assert read.returncode == 0, read.stderr
    reading = json.loads(read.stdout.splitlines()[-1])
    assert (reading["state"], reading["samples"]) == ("firing", ROWS)
    assert reading["value"] > 1
    [message] = told.told
    assert (message["event"], message["reading"]["monitor"]) == ("firing", "drift")
    [page] = (tmp_path / "claims").glob(f"*/{reading['report']}")
    assert "drift" in page.read_text()


def operator(cluster: Cluster) -> None:
    definitions("prometheus")
    cluster.define(["prometheus"], print)


def outputs_of(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(mlstack(root, "outputs", "--show-secrets", "--json").stdout)
    return found


def ask(server: Played, key: str, folder: Path, asked: Any) -> None:
    """Start the server, ask it for all rows, end it."""
    with (folder / "server.log").open("wb") as log:
        running = server.start(stdout=log, stderr=log)
        try:
            wait_for(8080, folder / "server.log")
            for part in np.split(asked, 10):
                body = json.dumps({"instances": part.tolist()})
                request = urllib.request.Request(
                    "http://127.0.0.1:8080/",
                    body.encode(),
                    {"authorization": f"Bearer {key}", "content-type": "application/json"},
                )
                with urllib.request.urlopen(request, timeout=60) as answer:
                    assert len(json.load(answer)["predictions"]) == len(part)
        finally:
            running.terminate()
            assert running.wait(60) == 0


def wait_for(port: int, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/health/ready", timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
