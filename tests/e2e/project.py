"""A copy of the demo's project, driven by the real command line as a user would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "digits"
MLSTACK = Path(sys.executable).with_name("mlstack")


def copy_example(folder: Path, example: str = EXAMPLE.name) -> Path:
    """An example's files, the demo's, without what an earlier run of it left behind."""
    ignored = shutil.ignore_patterns(".mlstack", "Pulumi.*.yaml", "__pycache__")
    return Path(shutil.copytree(EXAMPLES / example, folder / example, ignore=ignored))


def mlstack(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MLSTACK, *arguments],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=900,
        stdin=subprocess.DEVNULL,
    )


def predictions(endpoint: dict[str, Any]) -> list[Any]:
    body = json.dumps({"instances": [[0.0] * 64, [8.0] * 64]}).encode()
    headers = {"Authorization": f"Bearer {endpoint['key']}", "Content-Type": "application/json"}
    request = urllib.request.Request(endpoint["url"], body, headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        found: list[Any] = json.load(answer)["predictions"]
        return found


def processes(root: Path) -> list[str]:
    """What runs for the project in that folder, by its part."""
    marks = {
        "supervisord": "mlstack_local.supervisor.daemon",
        "gateway": "mlstack_local.gateway",
        "worker": "mlstack_serving",
        "runner": "mlstack_local.jobs.runner",
        "engine": "pulumi",
    }
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        command = " ".join(process.info["cmdline"] or [])
        if str(root) in command or str(root) in (process.info["cwd"] or ""):
            found += [part for part, mark in marks.items() if mark in command][:1] or [command]
    return found
