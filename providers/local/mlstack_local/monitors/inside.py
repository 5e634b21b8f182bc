"""Measures that need the user's own packages: run by the interpreter of a deployment's environment."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlstack_local import environments, serving
from mlstack_local.deployments import note as notes
from mlstack_local.deployments.inputs import ModelPart
from mlstack_local.gateway import config as configs
from mlstack_local.jobs.surroundings import cleaned
from mlstack_local.layout import Layout
from mlstack_local.monitors.reading import MeasureFailed

#: A measure must be done by then; the reading as a whole has a little longer.
SECONDS = 540.0
_SCRIPTS = Path(__file__).with_name("within")
_LINES = 12


@dataclass(frozen=True)
class Deployed:
    """What a deployment was made of; ``model`` is None where code brings it."""

    name: str
    python: Path
    runtime: str
    env: Mapping[str, str]
    model: ModelPart | None


def deployed(layout: Layout, endpoint: str) -> Deployed:
    """The deployment that has most of the endpoint's traffic."""
    config = configs.read(layout.endpoint(endpoint))
    names = (
        sorted(config.deployments, key=lambda name: (-config.weights.get(name, 0), name)) if config else []
    )
    for name in names:
        assert config is not None
        note = notes.read(layout.deployment(endpoint, name))
        made = note.get(config.deployments[name].generation) if note else None
        inputs = made.typed if made else None
        if inputs is None or inputs.environment is None or inputs.runtime is None:
            continue  # a server of the user's own
        folder = environments.folder(inputs.environment.partition("@")[2])
        return Deployed(name, folder / "bin" / "python", inputs.runtime, inputs.env, inputs.model)
    raise MeasureFailed(f"endpoint {endpoint!r} has no deployment whose environment could measure this")


def run(
    script: str,
    task: Mapping[str, Any],
    tables: Mapping[str, Mapping[str, list[Any]] | None],
    deployment: Deployed,
    *,
    cwd: Path,
    seconds: float = SECONDS,
) -> Any:
    """What ``within/<script>`` makes of a task and tables (name -> values by column).

    MeasureFailed has the last lines that it wrote, when it failed or took too long.
    """
    if not deployment.python.exists():
        raise MeasureFailed(
            f"the environment of deployment {deployment.name!r} is gone: `mlstack refresh`, then `mlstack up`"
        )
    with tempfile.TemporaryDirectory(prefix="mlstack-monitor-") as made:
        folder = Path(made)
        (folder / "task.json").write_text(json.dumps(task))
        for name, columns in tables.items():
            (folder / f"{name}.json").write_text(json.dumps(columns))
        path = [str(serving.folder(deployment.runtime)), *filter(None, [deployment.env.get("PYTHONPATH")])]
        environment = {**cleaned(os.environ), **deployment.env, "PYTHONPATH": os.pathsep.join(path)}
        try:
            done = subprocess.run(
                [deployment.python, _SCRIPTS / script, folder],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise MeasureFailed(f"the measure was not done after {seconds:g} s") from None
        result = folder / "result.json"
        if done.returncode == 0 and result.is_file():
            return json.loads(result.read_text())
        lines = done.stdout.decode(errors="replace").splitlines()[-_LINES:]
        raise MeasureFailed("\n".join(["the measure failed:", *lines]))
