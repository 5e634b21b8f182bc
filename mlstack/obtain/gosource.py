"""The files of a published Go module, at a version and with a hash that we name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlstack.obtain import golang
from mlstack.obtain.stream import Progress, Unobtainable, stream

_LEAST = (1, 21, 0)
_SECONDS = 600.0


@dataclass(frozen=True)
class GoSource:
    """``files`` are patterns of paths in the module; ``checksum`` is the module's, as go.sum has it."""

    module: str
    version: str
    checksum: str
    files: tuple[str, ...]

    def copy(self, into: Path, workshop: Path, progress: Progress) -> None:
        """Put the files into a folder, or raise Unobtainable. For ``workshop`` see `GoModule.build`."""
        go, env = golang.toolchain(_LEAST, workshop, progress)
        workshop.mkdir(parents=True, exist_ok=True)
        said: list[str] = []
        stream(
            [go, "mod", "download", "-json", f"{self.module}@{self.version}"],
            env=env,
            cwd=workshop,
            line=said.append,
            beat=lambda seconds: progress(f"fetching {self.module} {self.version} ({seconds} s)"),
            give_up=_after(_SECONDS),
        )
        found = json.loads("\n".join(line for line in said if not line.startswith("go: ")))
        if found["Sum"] != self.checksum:
            raise Unobtainable(f"{self.module} {self.version} is not what it was: {found['Sum']}")
        folder = Path(found["Dir"])
        wanted = [file for pattern in self.files for file in sorted(folder.glob(pattern))]
        if not wanted:
            raise Unobtainable(f"{self.module} {self.version} has no {' and no '.join(self.files)}")
        into.mkdir(parents=True, exist_ok=True)
        for file in wanted:
            shutil.copyfile(file, into / file.name)
        shutil.rmtree(workshop, ignore_errors=True)


def _after(most: float) -> Callable[[float, float], str | None]:
    return lambda seconds, silence: f"not there after {most:.0f} s" if seconds > most else None
