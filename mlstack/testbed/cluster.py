"""A testbed by its folder: brought up, looked at, brought down."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from mlstack.errors import TargetError
from mlstack.obtain import Progress
from mlstack.paths import state_dir
from mlstack.testbed import components, definitions, nodes, processes
from mlstack.testbed.binaries import ensure_binaries, find_binaries
from mlstack.testbed.record import Record, log_of
from mlstack.testbed.starting import Start, prepare

_PATIENCE = 2.0  # seconds for a process to end by itself: there is nothing to be saved


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
        """Start what does not run, and wait until pods can be placed. What was in it is still in it.

        ``machines`` are counts by kind (`nodes.MACHINES`); left out: those that it has, else `nodes.DEFAULT`.
        Raises TargetError: "no-testbed" where it cannot be built, "testbed-failed" where it does not start.
        """
        binaries = ensure_binaries(progress)
        with self._alone():
            known = self.record()
            record = known or prepare(self.folder, binaries, machines or nodes.DEFAULT)
            if machines is not None:
                record.nodes = dict(machines)
            record.write(self.folder)
            try:
                Start(self.folder, record, binaries, progress).run()
            except BaseException:
                if known is None:  # the logs stay, for who wants to know why
                    self._end(record)
                raise

    def define(self, words: Sequence[str], progress: Progress) -> None:
        """Apply custom resource definitions, of projects (`definitions.PROJECTS`), files or folders.

        Nobody is there to convert between their versions, so none is asked to: what is written as one
        version is read as another unchanged.
        """
        paths = definitions.found(words, progress)
        progress(f"applying the definitions of {', '.join(words)}")
        which = [word for path in paths for word in ("-f", str(path))]
        self.kubectl("apply", "--server-side", "--force-conflicts", *which)
        every = json.loads(self.kubectl("get", "customresourcedefinitions", "-o", "json"))["items"]
        plain = json.dumps({"spec": {"conversion": {"strategy": "None", "webhook": None}}})
        for each in every:
            if each["spec"]["conversion"]["strategy"] != "None":
                name = each["metadata"]["name"]
                self.kubectl("patch", "customresourcedefinition", name, "--type=merge", "-p", plain)
        if every:
            self.kubectl("wait", "customresourcedefinitions", "--all", "--for=condition=Established")
        with self._alone():
            record = self.record()
            if record is not None:
                record.definitions = sorted({*record.definitions, *map(_lasting, words)})
                record.write(self.folder)

    def down(self) -> bool:
        """End every process and forget all that was in it; False where there was none."""
        if not self.folder.is_dir():
            return False
        with self._alone():
            record = self.record()
            if record is not None:
                self._end(record)
            shutil.rmtree(self.folder)
        return record is not None

    def record(self) -> Record | None:
        """What the folder remembers of the testbed; None where there is none."""
        return Record.read(self.folder)

    def components(self) -> list[Component]:
        """Each part of the control plane, running or not; none where there is no testbed."""
        record = self.record()
        if record is None:
            return []
        found = []
        for name in (*components.servers(record.port), *components.controllers(record.kubelet)):
            process = record.processes.get(name)
            running = process is not None and process.running()
            pid = process.pid if process is not None and running else None
            found.append(Component(name, pid, running, log_of(self.folder, name)))
        return found

    def command(self, *arguments: str | Path) -> list[str | Path]:
        """The words of a kubectl that works on this testbed. Raises TargetError ("no-such-testbed")."""
        binaries = find_binaries()
        if binaries is None or self.record() is None:
            raise TargetError(
                f"there is no testbed {self.name!r}",
                code="no-such-testbed",
                category="user",
                where=str(self.folder),
                remedy=f"mlstack testbed up --name {self.name}",
            )
        # What it remembers of a server by its port alone would be wrong for the next testbed there.
        own: list[str | Path] = ["--kubeconfig", self.kubeconfig, "--cache-dir", self.folder / "kubectl"]
        return [binaries.program("kubectl"), *own, *arguments]

    def kubectl(self, *arguments: str | Path, input: str | None = None) -> str:
        """What kubectl prints. Raises TargetError ("kubectl-failed") with what it says where it fails."""
        command = self.command(*arguments)
        ran = subprocess.run(command, input=input, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise TargetError(
                f"kubectl {' '.join(map(str, arguments))}: {ran.stderr.strip()}",
                code="kubectl-failed",
                category="user",
                where=f"testbed {self.name}",
                remedy="mend what the server names",
            )
        return ran.stdout

    def _end(self, record: Record) -> None:
        processes.end(record.processes.values(), _PATIENCE)
        record.remove(self.folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder.parent / f".{self.name}.lock"):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            yield


def _lasting(word: str) -> str:
    """A file or folder by a name that means the same elsewhere."""
    return word if word in definitions.PROJECTS else str(Path(word).absolute())


def named(name: str) -> Cluster:
    """The user's testbed of that name."""
    return Cluster(_root() / name)


def all_of_user() -> list[Cluster]:
    return [cluster for folder in sorted(_root().glob("[!.]*")) if (cluster := Cluster(folder)).record()]


def _root() -> Path:
    return state_dir() / "testbeds"
