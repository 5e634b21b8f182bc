"""Which engine is here already."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mlstack.paths import cache_dir

VERSION = "3.259.0"
"""The engine that is installed or built where none is found; ``module/go.mod`` names the same."""

MINIMUM = (3, 205, 0)
"""Below this the engine cannot stream its events over gRPC and falls back to polling a file."""

Origin = Literal["path", "cache", "installer", "build"]

_RECORD = "engine.json"
_PATIENCE = 30.0  # seconds for `pulumi version`; a second would do, but not on a machine under load


@dataclass(frozen=True)
class Engine:
    """A `pulumi` executable that was seen to work, and how it came to be here."""

    path: Path
    version: str
    origin: Origin


def find_engine() -> Engine | None:
    """The engine that this machine has: on PATH if new enough, else in the cache, else None."""
    return on_path() or in_cache()


def on_path() -> Engine | None:
    found = shutil.which("pulumi")
    if found is None:
        return None
    path = Path(found).absolute()
    version = version_of(path)
    return Engine(path, version, "path") if version and is_new_enough(version) else None


def in_cache() -> Engine | None:
    home = engine_home()
    path = executable(home)
    version = recorded(home) or version_of(path)
    return Engine(path, version, "cache") if version and is_new_enough(version) else None


def engine_home() -> Path:
    """The folder of the cached engine; it is there whole or not at all."""
    return cache_dir() / "engine" / f"v{VERSION}"


def executable(home: Path) -> Path:
    return home / "bin" / "pulumi"


def version_of(path: Path) -> str | None:
    """What ``pulumi version`` says ("3.259.0"), or None where it does not run or says something else."""
    try:
        done = subprocess.run(
            [path, "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    said = re.fullmatch(r"v?(\d+\.\d+\.\d+\S*)", done.stdout.strip())
    return said[1] if said else None


def is_new_enough(version: str) -> bool:
    """Of the major version that the SDK speaks, and at least MINIMUM; a pre-release counts as its release."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return numbers >= MINIMUM and numbers[0] == MINIMUM[0]


def record(home: Path, version: str) -> None:
    """Remember that this very file was seen to work, so that the next look need not run it."""
    fact = {"version": version, "size": executable(home).stat().st_size}
    (home / _RECORD).write_text(json.dumps(fact) + "\n", encoding="utf-8")


def recorded(home: Path) -> str | None:
    """The version on record, where the file is still the one that was seen to work."""
    try:
        fact = json.loads((home / _RECORD).read_text(encoding="utf-8"))
        same = fact["size"] == executable(home).stat().st_size
        return str(fact["version"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
