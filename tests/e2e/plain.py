"""Plain Pulumi on a folder with a program, without any of mlstack's commands.

`python plain.py FOLDER STACK (preview|up)` prints what became of each resource, by URN, as JSON. It is
Pulumi's own Automation API, which needs no language host on PATH.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi import automation

from mlstack.engine import passphrase
from mlstack.engine.install import find_engine


def environment(backend: Path, **more: str) -> dict[str, str]:
    """Variables with which Pulumi works on the states of a folder."""
    engine = find_engine()
    assert engine is not None
    backend.mkdir(parents=True, exist_ok=True)
    return {
        **passphrase.variables(),
        "PATH": os.pathsep.join([str(engine.path.parent), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **more,
    }


def run(folder: Path, name: str, operation: str) -> dict[str, Any]:
    def program() -> None:
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

    workspace = automation.LocalWorkspace(work_dir=str(folder), program=program)
    stack = automation.Stack.create_or_select(name, workspace)
    ops: dict[str, str] = {}

    def note(event: automation.EngineEvent) -> None:
        step = event.resource_pre_event or event.res_outputs_event
        if step is not None and "pulumi:providers:" not in step.metadata.urn:
            ops[step.metadata.urn] = str(getattr(step.metadata.op, "value", step.metadata.op))

    if operation == "preview":
        stack.preview(on_event=note)
    else:
        stack.up(on_event=note)
    return ops


def resources(backend: Path, project: str, stack: str) -> dict[str, Mapping[str, Any]]:
    """The resources of a state by URN, without the providers."""
    file = backend / ".pulumi" / "stacks" / project / f"{stack}.json"
    held = json.loads(file.read_text())["checkpoint"]["latest"]["resources"]
    return {each["urn"]: each for each in held if not each["type"].startswith("pulumi:providers:")}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
