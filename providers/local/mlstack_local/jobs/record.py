"""One run on disk: what shall run (request.json), how it fares (run.json), what it says (log.txt).

<run>/request.json   written by whoever starts the run
<run>/run.json       written by the runner; by others only while no runner lives
<run>/lock           held by the runner as long as it lives: there is never a second one
<run>/start.lock     held while a run is started or stopped
<run>/log.txt        stdout and stderr, merged
<run>/outputs/<name>
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from filelock import FileLock

from mlstack_local.files import private_folder, write_private

RunState = Literal["pending", "running", "succeeded", "failed", "cancelled", "timed-out"]
ENDED: frozenset[RunState] = frozenset({"succeeded", "failed", "cancelled", "timed-out"})


@dataclass(frozen=True)
class Request:
    """What the runner needs. ``secrets`` maps variables to files; paths are absolute.

    ``inputs`` are for people: a literal, or "<uri>@<version>". ``tracking`` is the project's ``.mlstack``,
    "" for no tracking, and ``experiment`` the name that runs of this job have there.
    """

    command: str
    cwd: str
    environment: str
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    timeout_seconds: float | None = None
    retries: int = 0
    nodes: int = 1
    processes: int = 1
    inputs: dict[str, str] = field(default_factory=dict)
    tracking: str = ""
    experiment: str = ""
    grace_seconds: float = 10.0


@dataclass(frozen=True)
class Process:
    """A process that cannot be taken for another one that got its number later."""

    pid: int
    created: float


@dataclass(frozen=True)
class Attempt:
    """One try of the command: what it took of the machine, and how it ended ("" for well)."""

    started: float
    ended: float
    message: str
    max_rss_bytes: int
    cpu_seconds: float


@dataclass(frozen=True)
class Record:
    """How a run fares. Times in seconds since the epoch; ``outputs`` name -> version, once it succeeded.

    ``groups`` are the leaders of the command's process groups. ``max_rss_bytes`` is the most that all
    processes of an attempt held at one time, ``cpu_seconds`` the processor time of all attempts.
    """

    status: RunState = "pending"
    message: str = ""
    attempt: int = 0
    exit_code: int | None = None
    requested: float = 0.0
    started: float | None = None
    ended: float | None = None
    max_rss_bytes: int | None = None
    cpu_seconds: float | None = None
    attempts: tuple[Attempt, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    runner: Process | None = None
    groups: tuple[Process, ...] = ()

    def but(self, **changes: Any) -> Self:
        return replace(self, **changes)


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def outputs(self) -> Path:
        return self.path / "outputs"

    def output(self, name: str) -> Path:
        return self.outputs / name

    def runner_lock(self) -> FileLock:
        return FileLock(self.path / "lock")

    def start_lock(self) -> FileLock:
        return FileLock(private_folder(self.path) / "start.lock")

    def read(self) -> Record | None:
        """How the run fares; None when there is none."""
        try:
            document = json.loads((self.path / "run.json").read_text())
        except (FileNotFoundError, NotADirectoryError):
            return None
        runner, groups = document.pop("runner"), document.pop("groups")
        attempts = document.pop("attempts", ())
        return Record(
            **document,
            attempts=tuple(Attempt(**attempt) for attempt in attempts),
            runner=Process(**runner) if runner else None,
            groups=tuple(Process(**group) for group in groups),
        )

    def write(self, record: Record) -> None:
        private_folder(self.path)
        write_private(self.path / "run.json", json.dumps(asdict(record), indent=1))

    def read_request(self) -> Request:
        return Request(**json.loads((self.path / "request.json").read_text()))

    def write_request(self, request: Request) -> None:
        private_folder(self.path)
        write_private(self.path / "request.json", json.dumps(asdict(request), indent=1))
