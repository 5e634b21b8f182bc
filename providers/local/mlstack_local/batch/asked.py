"""What a run was asked, kept beside it: whoever goes on with it needs no more than its id."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from mlstack_local.files import write_private
from mlstack_local.jobs import RunFolder

_FILE = "asked.json"


@dataclass(frozen=True)
class Asked:
    """``words`` are the arguments of the scoring program; paths are absolute."""

    deployment: str
    data: str
    output: str
    words: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return Path(self.output)

    def write(self, run: RunFolder) -> None:
        write_private(run.path / _FILE, json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, run: RunFolder) -> Asked:
        given = json.loads((run.path / _FILE).read_text())
        return cls(**{**given, "words": tuple(given["words"])})
