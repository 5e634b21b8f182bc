"""What a testbed is, as its folder remembers it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from mlstack.testbed.processes import Process

_FILE = "testbed.json"


@dataclass
class Record:
    """``since`` is a time in ISO 8601, ``kubernetes`` the version that it began with, ``definitions`` what
    `Cluster.define` was given. A port that is forwarded to any pod leads to ``behind`` on this machine."""

    since: str
    port: int
    kubelet: int
    nodes: dict[str, int]
    kubernetes: str = ""
    behind: int = 0
    definitions: list[str] = field(default_factory=list)
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def write(self, folder: Path) -> None:
        new = folder / f"{_FILE}.new"
        new.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        new.replace(folder / _FILE)

    @classmethod
    def read(cls, folder: Path) -> Record | None:
        try:
            known = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        known["processes"] = {name: Process(**process) for name, process in known["processes"].items()}
        own = {each.name for each in fields(cls)}  # a testbed outlives an upgrade of mlstack
        return cls(**{name: value for name, value in known.items() if name in own})

    @staticmethod
    def remove(folder: Path) -> None:
        (folder / _FILE).unlink(missing_ok=True)


def log_of(folder: Path, component: str) -> Path:
    return folder / "logs" / f"{component}.log"
