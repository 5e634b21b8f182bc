from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from filelock import FileLock
from mlstack_local import environments
from mlstack_local.jobs import JobInputs, RunFolder, control

from mlstack.resource import Context

Make = Callable[..., JobInputs]


@pytest.fixture
def job(context: Context) -> Iterator[Make]:
    """Inputs of a job; whatever of it still runs is stopped afterwards."""

    def make(command: str, **changes: Any) -> JobInputs:
        given = {"stack_uid": "uid", "name": "train", "command": command, "environment": ""}
        return JobInputs.model_validate({**given, **changes})

    yield make
    for path in (context.root / ".mlstack").rglob("request.json"):
        control.stop(RunFolder(path.parent))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    return folder


@pytest.fixture
def environment() -> Callable[..., str]:
    """The reference of an environment with these packages, which are pinned: made once, and kept in the
    user's cache from one test run to the next."""

    def make(name: str, *pins: str) -> str:
        version = hashlib.sha256("\n".join((sys.version, *pins)).encode()).hexdigest()[:16]
        kept = Path(platformdirs.user_cache_dir("mlstack", appauthor=False)) / "test-environments" / version
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{kept}.lock"):
            if not (kept / ".complete").exists():
                uv = [sys.executable, "-m", "uv"]
                subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, kept], check=True)
                subprocess.run(
                    [*uv, "pip", "install", "-q", "--python", kept / "bin/python", *pins], check=True
                )
                (kept / ".complete").touch()
        folder = environments.folder(version)
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not folder.exists():
            folder.symlink_to(kept)
        return f"{name}@{version}"

    return make
