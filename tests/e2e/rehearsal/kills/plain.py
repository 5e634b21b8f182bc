"""The same resources by plain Pulumi: its Automation API alone, with names that azure-native makes up.

    python plain.py up|down FOLDER ENGINE [recover]

A process of its own, as it is killed. FOLDER holds program.py (see `write`) and the state. With ``recover``
it does first what a careful user does after a killed run: `pulumi cancel`, then `pulumi refresh
--clear-pending-creates`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

PROJECT, STACK = "plain", "dev"
#: Azure has one role of one identity in one place once, whatever its name is; the rehearsal makes up no GUID.
_NAMED = {"authorization:RoleAssignment"}
#: What only mlstack does, and the stack's exports.
_LEFT_OUT = {"mlstack:azure:Job", "mlstack:azure:Traffic", "pulumi:pulumi:Stack"}


def write(resources: list[dict[str, Any]], folder: Path) -> None:
    """The program of a state's azure-native resources and uploads, as `mlstack eject` writes it; but each is
    without the name that its own type takes. There is no run, so the model is of the data instead."""
    from mlstack_azure.rehearsal import ids

    from mlstack.eject.source import Program

    data = next(each for each in resources if each["urn"].endswith("mlstack:azure:Upload::digits-upload"))
    kept = []
    for each in _without_hyphens(resources):
        inputs = each.get("inputs") or {}
        if each["type"].startswith("azure-native:"):
            kind = ids.type_of(each["type"])
            inputs = {k: v for k, v in inputs.items() if k != kind.own or kind.kind in _NAMED}
            if kind.kind == "machinelearningservices:ModelVersion":
                properties = {**inputs["properties"], "modelUri": data["outputs"]["uri"]}
                properties.pop("jobName")
                inputs["properties"] = properties
                each["propertyDependencies"]["properties"] = [data["urn"]]
        elif each["type"] in _LEFT_OUT:
            continue
        kept.append({**each, "inputs": inputs})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.py").write_text(Program(kept, {}).text())


def _without_hyphens(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With other logical names: what is made up begins with them, and some types take no hyphen."""
    text = json.dumps(resources)
    for each in resources:
        if each["type"].startswith("azure-native:"):
            rest, _, name = each["urn"].rpartition("::")
            text = text.replace(json.dumps(each["urn"]), json.dumps(f"{rest}::{name.replace('-', '')}"))
    changed: list[dict[str, Any]] = json.loads(text)
    return changed


def state(folder: Path) -> list[dict[str, Any]]:
    """The resources of the stack's state."""
    file = folder / "state" / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
    held: list[dict[str, Any]] = json.loads(file.read_text())["checkpoint"]["latest"].get("resources") or []
    return held


def main() -> None:
    action, folder, engine, *recover = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]
    from pulumi import automation

    from mlstack.engine.plugins import plugin_folder

    def program() -> None:
        text = (folder / "program.py").read_text()
        exec(compile(text, "program.py", "exec"), {"__name__": "__main__"})

    (folder / "state").mkdir(exist_ok=True)
    settings = automation.ProjectSettings(
        PROJECT, "python", backend=automation.ProjectBackend((folder / "state").resolve().as_uri())
    )
    options = automation.LocalWorkspaceOptions(
        work_dir=str(folder),
        project_settings=settings,
        pulumi_command=automation.PulumiCommand(root=engine),
        env_vars={
            "PULUMI_CONFIG_PASSPHRASE": "plain",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "MLSTACK_ROOT": str(folder),
            "PATH": f"{plugin_folder()}:{os.environ['PATH']}",
        },
    )
    stack = automation.create_or_select_stack(STACK, project_name=PROJECT, program=program, opts=options)
    if recover:
        stack.cancel()
        stack.refresh(clear_pending_creates=True)
    if action == "down":
        stack.destroy()
    else:
        stack.up()


if __name__ == "__main__":
    main()
