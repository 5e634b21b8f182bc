"""A testbed by its folder: brought up, looked at, brought down."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from mlstack.errors import TargetError
from mlstack.obtain import Progress
from mlstack.paths import state_dir
from mlstack.testbed import access, components, nodes, processes
from mlstack.testbed.api import Api
from mlstack.testbed.binaries import Binaries, ensure_binaries
from mlstack.testbed.record import Record

#: Below the range that systems hand out by themselves, so that nobody comes between.
_PORTS = range(20000, 32000)
_START_SECONDS = 120.0  # three to five on a machine that has nothing else to do
_STOP_SECONDS = 2.0  # there is nothing to be saved


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


@dataclass(frozen=True)
class Component:
    """A part of the control plane; ``log`` tells why it does not run, where it does not."""

    name: str
    pid: int | None
    running: bool
    log: Path


@dataclass(frozen=True)
class Cluster:
    """The testbed in ``folder``, whether there is one or not yet."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def kubeconfig(self) -> Path:
        """For every client of Kubernetes: ``KUBECONFIG``. It lets in whoever can read it."""
        return self.folder / components.kubeconfig("admin")

    def up(self, progress: Progress, machines: Mapping[str, int] | None = None) -> None:
        """Start what does not run, and wait until pods can be scheduled. What was in it is still in it.

        ``machines`` are counts by kind (`nodes.MACHINES`); left out: those that it has, else `nodes.DEFAULT`.
        Raises TargetError: "no-testbed" where it cannot be built, "testbed-failed" where it does not start.
        """
        binaries = ensure_binaries(progress)
        with self._alone():
            record = Record.read(self.folder)
            fresh = record is None
            if record is None:
                record = self._prepare(binaries, machines or nodes.DEFAULT)
            try:
                self._start(record, progress, machines)
            except BaseException:
                if fresh:
                    self._remove(record)
                raise

    def down(self) -> bool:
        """End every process and forget all that was in it; False where there was none."""
        if not self.folder.is_dir():
            return False
        with self._alone():
            record = Record.read(self.folder)
            if record is not None:
                self._remove(record)
        return record is not None

    def record(self) -> Record | None:
        """What the folder remembers of the testbed; None where there is none."""
        return Record.read(self.folder)

    def components(self) -> list[Component]:
        """Each part of the control plane, running or not; none where there is no testbed."""
        record = Record.read(self.folder)
        if record is None:
            return []
        found = []
        for name in components.commands(record.port):
            process = record.processes.get(name)
            running = process is not None and process.running()
            found.append(Component(name, process.pid if process else None, running, self._log(name)))
        return found

    def kubectl(self, *arguments: str | Path, input: str | None = None) -> str:
        """What kubectl prints. Raises TargetError ("kubectl-failed") with what it says where it fails."""
        record = Record.read(self.folder)
        if record is None:
            raise TargetError(
                f"there is no testbed {self.name!r}",
                code="no-such-testbed",
                category="user",
                where=str(self.folder),
                remedy="mlstack testbed up",
            )
        ran = subprocess.run(
            [Binaries(Path(record.binaries)).program("kubectl"), "--kubeconfig", self.kubeconfig, *arguments],
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise TargetError(
                f"kubectl {' '.join(map(str, arguments))}: {ran.stderr.strip()}",
                code="kubectl-failed",
                category="user",
                where=f"testbed {self.name}",
                remedy="mend what the server names",
            )
        return ran.stdout

    def _api(self, record: Record) -> Api:
        certificate = self.folder / components.CERTIFICATE
        return Api(record.url, access.token(self.folder, "admin"), certificate)

    def _prepare(self, binaries: Binaries, machines: Mapping[str, int]) -> Record:
        """The folder's files, but for those that need the server's certificate."""
        for name in ("certs", "logs"):
            (self.folder / name).mkdir(exist_ok=True)
        access.write_tokens(self.folder)
        own = Path(__file__).parent / "stages"
        stages = sorted([*binaries.stages.glob("*.yaml"), *own.glob("*.yaml")])
        text = "\n---\n".join(stage.read_text(encoding="utf-8") for stage in stages)
        (self.folder / components.STAGES).write_text(text, encoding="utf-8")
        record = Record(
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            port=_free_port(),
            binaries=str(binaries.home),
            nodes=dict(machines),
        )
        record.write(self.folder)
        return record

    def _start(self, record: Record, progress: Progress, machines: Mapping[str, int] | None) -> None:
        commands = components.commands(record.port)
        for name in ("etcd", "kube-apiserver"):
            self._launch(name, commands.pop(name), record, progress)
        api = self._api(record)
        self._until(api.ready, "the API server", record)
        access.write_kubeconfigs(self.folder, api.url)
        for name, arguments in commands.items():
            self._launch(name, arguments, record, progress)
        if machines is not None:
            record.nodes = dict(machines)
            record.write(self.folder)
        api.create("/apis/storage.k8s.io/v1/storageclasses", STORAGE)
        self._place_nodes(api, record.nodes)
        progress("waiting for the nodes")
        self._until(lambda: _usable(api), "the nodes", record)

    def _launch(self, name: str, arguments: list[str], record: Record, progress: Progress) -> None:
        process = record.processes.get(name)
        if process is not None and process.running():
            return
        progress(f"starting {name}")
        program = Binaries(Path(record.binaries)).program(name)
        record.processes[name] = processes.launch([program, *arguments], self.folder, self._log(name))
        record.write(self.folder)

    def _place_nodes(self, api: Api, machines: Mapping[str, int]) -> None:
        """Make the nodes that are missing, and remove those of ours that are not wanted."""
        wanted = {manifest["metadata"]["name"]: manifest for manifest in nodes.manifests(machines)}
        path = "/api/v1/nodes"
        there = {node["metadata"]["name"] for node in api.get(f"{path}?labelSelector={nodes.LABEL}")["items"]}
        for name in there - wanted.keys():
            api.delete(f"{path}/{name}")
        for name in wanted.keys() - there:
            api.create(path, wanted[name])

    def _until(self, done: Callable[[], bool], what: str, record: Record) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not done():
            dead = [name for name, process in record.processes.items() if not process.running()]
            if dead:
                raise self._failed(f"{dead[0]} ended while {what} came up", dead[0])
            if time.monotonic() > deadline:
                raise self._failed(f"{what} did not come up in {_START_SECONDS:.0f} s", "kube-apiserver")
            time.sleep(0.05)

    def _failed(self, message: str, component: str) -> TargetError:
        log = self._log(component)
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:] if log.is_file() else []
        return TargetError(
            "\n".join([message, *last]),
            code="testbed-failed",
            where=str(log),
            remedy=f"`mlstack testbed down --name {self.name}`, and up again, starts from nothing",
        )

    def _remove(self, record: Record) -> None:
        processes.end(reversed(list(record.processes.values())), _STOP_SECONDS)
        shutil.rmtree(self.folder)

    def _log(self, component: str) -> Path:
        return self.folder / "logs" / f"{component}.log"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder.parent / f".{self.name}.lock"):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            yield


def named(name: str) -> Cluster:
    """The user's testbed of that name."""
    return Cluster(_root() / name)


def all_of_user() -> list[Cluster]:
    return [cluster for folder in sorted(_root().glob("[!.]*")) if (cluster := Cluster(folder)).record()]


def _root() -> Path:
    return state_dir() / "testbeds"


def _usable(api: Api) -> bool:
    """Pods can be placed, and come with the account that they need."""
    found = api.get("/api/v1/nodes")["items"]
    return (
        all(map(_ready, found)) and api.get("/api/v1/namespaces/default/serviceaccounts/default") is not None
    )


def _ready(node: Mapping[str, Any]) -> bool:
    conditions = {each["type"]: each["status"] for each in node["status"].get("conditions", ())}
    waiting = any("not-ready" in taint["key"] for taint in node["spec"].get("taints", ()))
    return conditions.get("Ready") == "True" and not waiting


def _free_port() -> int:
    for _ in range(len(_PORTS)):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise TargetError(
        f"every port from {_PORTS.start} to {_PORTS.stop} is taken",
        code="testbed-failed",
        remedy="end what holds them",
    )
