"""What is kept running, as a file: ``conf.d/<name>.json``, read again by the launcher at every start."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlstack_local.files import write_private


@dataclass(frozen=True)
class Program:
    """A process to keep running.

    ``secrets`` maps a variable to the file that holds its value, so that no value stands here. ``meta`` is
    for whoever declared the program (a worker's port).
    """

    name: str
    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        write_private(folder / f"{self.name}.json", json.dumps(asdict(self), indent=1))

    @staticmethod
    def read(path: Path) -> Program:
        document = json.loads(path.read_text())
        return Program(**{**document, "argv": tuple(document["argv"])})


@dataclass(frozen=True)
class Process:
    """How a program fares. ``state`` is supervisord's word; ``started`` its last start in epoch seconds."""

    name: str
    state: str
    pid: int
    started: int
    exit_status: int

    @property
    def kept(self) -> bool:
        """Up, or about to be started again by itself."""
        return self.state in {"STARTING", "RUNNING", "BACKOFF"}
