"""A Go that "builds" a control plane."""

from __future__ import annotations

from pathlib import Path

from mlstack.testbed.binaries import KUBERNETES, STAGES
from tests.unit.obtain.go import install_go

SAYS = f"Kubernetes v{KUBERNETES}"


def go(machine: Path, *, says: str = SAYS, build: str = ":") -> Path:
    """Install it in ./bin, with a module kwok that has its stages; the file that lists its calls."""
    for stage in STAGES:
        file = machine / "kwok" / "kustomize" / "stage" / f"{stage}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("kind: Stage\n", encoding="utf-8")
    return install_go(machine / "bin", says=says, build_=build, module=machine / "kwok")
