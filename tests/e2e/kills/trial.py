"""One trial: `up` is killed at one boundary, the next `up` must put everything right by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.e2e.project import MLSTACK, mlstack, predictions, processes


class Boundary(NamedTuple):
    """Before or after one call of the engine to our provider."""

    method: str
    resource: str
    side: str


@contextmanager
def attached(root: Path, log: Path, *trap: str) -> Iterator[tuple[dict[str, str], psutil.Process]]:
    """Our provider with a trap, running; the environment that makes an engine attach to it."""
    port_file = log.with_suffix(".port")
    command = [sys.executable, Path(__file__).with_name("boundary.py"), port_file, log, *trap]
    process = subprocess.Popen(command, env={**os.environ, "MLSTACK_ROOT": str(root)})
    try:
        while not port_file.exists():
            assert process.poll() is None, "the provider with the trap did not start"
            time.sleep(0.02)
        yield {"PULUMI_DEBUG_PROVIDERS": f"mlstack:{port_file.read_text()}"}, psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def boundaries(root: Path, log: Path) -> list[Boundary]:
    """Every boundary of the demo's first `up`, in the order in which they were passed."""
    with attached(root, log) as (environment, _):
        done = mlstack(root, "up", "--yes", "--json", **environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return list(dict.fromkeys(Boundary(*line.split()) for line in log.read_text().splitlines()))


def killed_up(root: Path, scratch: Path, boundary: Boundary, victim: str) -> None:
    """Run `up` and kill the victim ("cli", "engine" or "provider") at the boundary."""
    victim_file = scratch / "victim"
    with attached(root, scratch / "calls", *boundary, str(victim_file)) as (environment, _):
        process = subprocess.Popen(
            [MLSTACK, "up", "--yes", "--json"],
            cwd=root,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        word = {"cli": "cli", "engine": "engine", "provider": "self"}[victim]
        victim_file.write_text(f"{word} {process.pid}")
        code = process.wait(timeout=120)
    passed = (scratch / "calls").read_text().split("\n")
    assert " ".join(boundary) in passed, "the boundary was never reached"
    assert code != 0, f"up says that it succeeded, with its {victim} killed"


def check_converged(root: Path) -> None:
    """The next `up` ends well; one of each thing is there; it answers; nothing is left to do."""
    done = mlstack(root, "up", "--yes", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    summary = json.loads(mlstack(root, "preview", "--json").stdout)["summary"]
    assert summary["same"] > 0
    assert not any(count for op, count in summary.items() if op != "same"), summary

    outputs = json.loads(mlstack(root, "outputs", "--json", "--show-secrets").stdout)
    endpoint = outputs["endpoints"]["digits"]
    assert len(predictions(endpoint)) == 2

    running = processes(root)
    assert sorted(running) == ["gateway", "supervisord", "worker"]
    local = next((root / ".mlstack" / "local").iterdir())
    runs = [entry.name for entry in (local / "jobs" / "train").iterdir() if entry.is_dir()]
    assert len(runs) == 1, runs
    models = [entry.name for entry in (local / "models" / "digits").iterdir() if entry.is_dir()]
    assert len(models) == 1, models


def check_gone(root: Path) -> None:
    """After `down`: no process, no file but the stack's own."""
    done = mlstack(root, "down", "--yes", "--json")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    left_running = processes(root)
    assert left_running == [], left_running
    local = root / ".mlstack" / "local"
    left = [path for path in local.rglob("*") if path.is_file()] if local.exists() else []
    assert left == [], left
