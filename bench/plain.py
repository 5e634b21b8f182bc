"""The demo's resources in a project of plain Pulumi: what `mlstack preview` is measured beside.

`write` takes a live mlstack project and makes a folder whose program registers the same resources, with
the same inputs, on a copy of the same state: `pulumi preview` there finds nothing to change.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlstack.engine import passphrase
from mlstack.engine.install import Engine
from mlstack.engine.operations import Operator
from mlstack.engine.plugins import plugin_folder
from mlstack.engine.project import Project
from mlstack.engine.records import clear

STACK = "dev-local"

PROGRAM = """\
import json
import pulumi

made = {}
for resource in json.load(open("resources.json")):
    options = pulumi.ResourceOptions(parent=made.get(resource["parent"]))
    if resource["custom"]:
        pulumi.CustomResource(resource["type"], resource["name"], resource["inputs"], options)
    else:
        made[resource["urn"]] = pulumi.ComponentResource(resource["type"], resource["name"], None, options)
"""


def write(live: Path, name: str, engine: Engine, folder: Path) -> dict[str, str]:
    """Make the plain project; the environment that its `pulumi` needs."""
    program: Callable[[], None] = lambda: None  # noqa: E731 - only the state is read
    resources = Operator(Project(live, name, STACK, "local", program, {}), engine).resources()
    (folder / "resources.json").write_text(json.dumps([_plain(r) for r in resources if _wanted(r)]))
    (folder / "__main__.py").write_text(PROGRAM)
    plugins = {"providers": [{"name": "mlstack", "path": str(plugin_folder())}]}
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix, "toolchain": "pip"}}
    manifest = {"name": name, "runtime": runtime, "plugins": plugins}
    (folder / "Pulumi.yaml").write_text(json.dumps(manifest))
    shutil.copy(live / f"Pulumi.{STACK}.yaml", folder)
    shutil.copytree(live / ".mlstack" / "state", folder / "state")
    return {
        **os.environ,
        **passphrase.variables(),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "MLSTACK_ROOT": str(live),
    }


def _wanted(resource: dict[str, Any]) -> bool:
    return not resource["type"].startswith("pulumi:")


def _plain(resource: dict[str, Any]) -> dict[str, Any]:
    keys = ("urn", "type", "custom", "parent")
    inputs = clear(resource.get("inputs") or {})
    return {
        **{key: resource.get(key) for key in keys},
        "name": resource["urn"].split("::")[-1],
        "inputs": inputs,
    }
