"""From an empty folder, or one in which something has ended, to a cluster on which pods can be placed."""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlstack.errors import TargetError
from mlstack.obtain import Progress
from mlstack.testbed import access, components, nodes, processes
from mlstack.testbed.api import Api
from mlstack.testbed.binaries import KUBERNETES, Binaries
from mlstack.testbed.record import Record, log_of

#: Below the range that systems hand out by themselves, so that nobody comes between.
_PORTS = range(20000, 32000)
_SECONDS = 120.0  # three to five on a machine that has nothing else to do
_LAST_LINES = 3
_POD_SAYS = "nothing runs here: the pod is played"

#: What a claim of storage gets where it names no class; kwok's Stages bind claims of this one.
STORAGE = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {
        "name": "kwok-volume",
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    },
    "provisioner": "kwok.x-k8s.io/volume",
}


def prepare(folder: Path, binaries: Binaries, machines: Mapping[str, int]) -> Record:
    """Fill the folder with all that does not need the server's certificate; what a start that failed has
    left in it goes."""
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    for name in ("certs", "logs"):
        (folder / name).mkdir()
    access.write_tokens(folder)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    own = Path(__file__).parent / "stages"
    stages = [*sorted(binaries.stages.glob("*.yaml")), *sorted(own.glob("*.yaml"))]
    port, kubelet, behind = _free_ports(3)
    text = "\n---\n".join([*(stage.read_text(encoding="utf-8") for stage in stages), _forward(behind)])
    (folder / components.STAGES).write_text(text, encoding="utf-8")
    (folder / components.POD_LOG).write_text(f"{since} stdout F {_POD_SAYS}\n", encoding="utf-8")
    return Record(since, port, kubelet, nodes=dict(machines), kubernetes=KUBERNETES, behind=behind)


@dataclass(frozen=True)
class Start:
    """Starts what does not run, each part when those before it are there."""

    folder: Path
    record: Record
    binaries: Binaries
    progress: Progress

    def run(self) -> None:
        """Raises TargetError ("testbed-failed")."""
        for name, arguments in components.servers(self.record.port).items():
            self._launch(name, arguments)
        certificate = self.folder / components.CERTIFICATE
        api = Api(self.record.url, access.token(self.folder, "admin"), certificate)
        self._until(api.ready, "the API server")
        access.write_kubeconfigs(self.folder, api.url)
        for name, arguments in components.controllers(self.record.kubelet).items():
            self._launch(name, arguments)
        api.create("/apis/storage.k8s.io/v1/storageclasses", STORAGE)
        _place_nodes(api, self.record.nodes)
        self.progress("waiting for the nodes")
        self._until(lambda: _usable(api), "the nodes")

    def _launch(self, name: str, arguments: list[str]) -> None:
        process = self.record.processes.get(name)
        if process is not None and process.running():
            return
        self.progress(f"starting {name}")
        command: list[str | Path] = [self.binaries.program(name), *arguments]
        self.record.processes[name] = processes.launch(command, self.folder, log_of(self.folder, name))
        self.record.write(self.folder)

    def _until(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while not _answered(done):
            for name, process in self.record.processes.items():
                if not process.running():
                    raise self._failed(f"{name} ended while {what} came up", name)
            if time.monotonic() > deadline:
                raise self._failed(f"{what} did not come up in {_SECONDS:.0f} s", "kube-apiserver")
            time.sleep(0.05)

    def _failed(self, message: str, component: str) -> TargetError:
        log = log_of(self.folder, component)
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
        return TargetError(
            "\n".join([message, *last]),
            code="testbed-failed",
            where=str(log),
            remedy=f"`mlstack testbed down --name {self.folder.name}`, and up again, begins with nothing",
        )


def _forward(behind: int) -> str:
    """Where `kubectl port-forward` and the like lead to: whatever serves at this port."""
    target = {"port": behind, "address": "127.0.0.1"}
    document = {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "ClusterPortForward",
        "metadata": {"name": "every-pod"},
        "spec": {"forwards": [{"target": target}]},
    }
    return json.dumps(document)


def _place_nodes(api: Api, machines: Mapping[str, int]) -> None:
    """Make the nodes that are missing, and remove those of ours that are not wanted."""
    path = "/api/v1/nodes"
    wanted = {manifest["metadata"]["name"]: manifest for manifest in nodes.manifests(machines)}
    there = {node["metadata"]["name"] for node in api.get(f"{path}?labelSelector={nodes.LABEL}")["items"]}
    for name in there - wanted.keys():
        api.delete(f"{path}/{name}")
    for name in wanted.keys() - there:
        api.create(path, wanted[name])


def _answered(question: Callable[[], bool]) -> bool:
    """A server that is not there yet says no."""
    try:
        return question()
    except OSError:
        return False


def _usable(api: Api) -> bool:
    """Pods can be placed, and come with the account that they need."""
    account = api.get("/api/v1/namespaces/default/serviceaccounts/default")
    return account is not None and all(map(_ready, api.get("/api/v1/nodes")["items"]))


def _ready(node: Mapping[str, Any]) -> bool:
    conditions = {each["type"]: each["status"] for each in node["status"].get("conditions", ())}
    waiting = any("not-ready" in taint["key"] for taint in node["spec"].get("taints", ()))
    return conditions.get("Ready") == "True" and not waiting


def _free_ports(count: int) -> list[int]:
    found: list[int] = []
    for port in secrets.SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise TargetError(
        f"every port from {_PORTS.start} to {_PORTS.stop} is taken",
        code="testbed-failed",
        remedy="end what holds them",
    )
