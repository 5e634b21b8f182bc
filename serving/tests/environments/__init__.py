"""Environments that a model needs and the workspace does not have: built once, kept in the user's cache.

Each ``<name>.txt`` beside this file pins one of them whole. It lies in
``<cache>/test-environments/<hash of the pins>`` and is whole once its marker is there; several test
processes may ask for it at the same time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import filelock
import platformdirs

HERE = Path(__file__).parent
RUNTIME = HERE.parents[1]
MARKER = "complete"


def cache() -> Path:
    chosen = os.environ.get("MLSTACK_CACHE")
    root = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("mlstack", appauthor=False))
    return root / "test-environments"


def python(name: str) -> Path:
    """The interpreter of the environment that ``<name>.txt`` pins, which is made if it is not there."""
    pins = HERE / f"{name}.txt"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache() / digest(version.encode(), pins.read_bytes())

    def build() -> None:
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
        target = ["--python", str(folder / "bin" / "python")]
        subprocess.run([*uv, "pip", "install", "--quiet", *target, "--requirements", str(pins)], check=True)

    once(folder, build)
    return folder / "bin" / "python"


def made(name: str, script: Path) -> Path:
    """The folder that ``script FOLDER`` fills in that environment. It is run once for each text of it."""
    interpreter = python(name)
    folder = interpreter.parents[1] / "made" / digest(script.read_bytes())

    def run() -> None:
        folder.mkdir(parents=True)
        subprocess.run([str(interpreter), str(script), str(folder)], check=True, env=variables())

    once(folder, run)
    return folder


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()[:16]


def once(folder: Path, build: Callable[[], None]) -> None:
    """Have ``folder`` built by one process, wholly; what a build that was killed has left is removed."""
    if (folder / MARKER).exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock"):
        if not (folder / MARKER).exists():
            shutil.rmtree(folder, ignore_errors=True)
            build()
            (folder / MARKER).touch()


def variables(**more: str) -> dict[str, str]:
    """The variables of a process of such an environment: the runtime on its path, no hub, no telemetry."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLSTACK_", "AIP_", "AZUREML_", "SAGEMAKER_", "SM_", "COVERAGE_"))
    }
    return {
        **kept,
        "PYTHONPATH": str(RUNTIME),
        "HF_HUB_OFFLINE": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "OMP_NUM_THREADS": "1",
        **more,
    }
