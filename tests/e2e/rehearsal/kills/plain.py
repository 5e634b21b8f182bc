"""The same resources by plain Pulumi: its Automation API alone, with names that the package makes up.

    python plain.py up|down FOLDER ENGINE [recover]

Each cloud has a module of facts beside this one (`of`). A process of its own, as it is killed. FOLDER has
program.json (see `write`) and the state. With ``recover`` it does first what a careful user does after a
killed run: `pulumi cancel`, then `pulumi refresh --clear-pending-creates`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PROJECT, STACK = "plain", "dev"
PROGRAM, REFERENCE = "program.json", "$output"
#: A text this short may be equal to an output by chance.
_SHORTEST = 6


def of(cloud: str) -> ModuleType:
    """What is killed on a cloud, and what of it a plain program has: ``SPEC``, ``CHANGES``, ``PACKAGE``,
    ``LEFT_OUT``, ``plainly``, ``logical``, ``replaced_on``."""
    return import_module(f"tests.e2e.rehearsal.kills.{cloud}")


def write(cloud: str, resources: list[dict[str, Any]], folder: Path) -> None:
    """What the program is to make: a state's resources of the cloud and uploads, each without the name that
    its own type takes, and with references in place of what others put out."""
    facts = of(cloud)
    by_urn = {each["urn"]: each for each in _renamed(facts, resources)}
    by_name = {
        f"{each['type'].rpartition(':')[2]} {urn.rpartition('::')[2]}": each for urn, each in by_urn.items()
    }
    program = []
    for each in by_urn.values():
        if each["type"] in facts.LEFT_OUT or each["type"].startswith("pulumi:"):
            continue
        inputs = {key: value for key, value in each.get("inputs", {}).items() if not key.startswith("__")}
        origins = each.get("propertyDependencies") or {}
        ours = each["type"].startswith(f"{facts.PACKAGE}:")
        new = facts.plainly(each, inputs, by_name) if ours else []
        written = {
            key: _referring(value, _known(facts, by_urn, [*(origins.get(key) or ()), *new]))
            for key, value in inputs.items()
        }
        keys = ("type", "urn", "custom", "parent", "dependencies", "ignoreChanges")
        kept = {key: each.get(key) for key in keys} | {"replacedOn": facts.replaced_on(each["type"])}
        program.append({**kept, "inputs": written})
    for each in program:
        each["outputs"] = sorted({out for urn, out in _references(program) if urn == each["urn"]} - {"id"})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROGRAM).write_text(json.dumps(program, indent=1))


def _known(facts: ModuleType, by_urn: dict[str, Any], urns: Iterable[str]) -> dict[str, list[str]]:
    """The texts that some resources put out, and where: [URN, output]."""
    found: dict[str, list[str]] = {}
    for urn in urns:
        each = by_urn.get(urn)
        if each is None or each["type"] in facts.LEFT_OUT or not each.get("custom"):
            continue
        for name, value in {"id": each.get("id"), **each.get("outputs", {})}.items():
            if isinstance(value, str) and len(value) >= _SHORTEST:
                found.setdefault(value, [urn, name])
    return found


def _referring(value: Any, known: dict[str, list[str]]) -> Any:
    if isinstance(value, dict):
        return {key: _referring(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_referring(each, known) for each in value]
    return {REFERENCE: known[value]} if isinstance(value, str) and value in known else value


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and REFERENCE in value:
        yield tuple(value[REFERENCE])
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _references(each)


def program(folder: Path) -> None:
    """The Pulumi program."""
    import pulumi

    made: dict[str, Any] = {}

    def resolved(value: Any) -> Any:
        if isinstance(value, dict) and REFERENCE in value:
            urn, output = value[REFERENCE]
            return made[urn].id if output == "id" else getattr(made[urn], output)
        if isinstance(value, dict):
            return {key: resolved(each) for key, each in value.items()}
        return [resolved(each) for each in value] if isinstance(value, list) else value

    for each in json.loads((folder / PROGRAM).read_text()):
        name = each["urn"].split("::")[-1]
        options = pulumi.ResourceOptions(parent=made.get(each["parent"]))
        if not each["custom"]:
            made[each["urn"]] = pulumi.ComponentResource(each["type"], name, None, options)
            continue
        options.depends_on = [made[urn] for urn in each["dependencies"] or () if urn in made]
        options.ignore_changes = each["ignoreChanges"]
        options.replace_on_changes = each["replacedOn"]
        inputs = {**dict.fromkeys(each["outputs"]), **resolved(each["inputs"])}
        made[each["urn"]] = pulumi.CustomResource(each["type"], name, inputs, options)


def _renamed(facts: ModuleType, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With other logical names, where the package needs them."""
    text = json.dumps(resources)
    for each in resources:
        if each["type"].startswith(f"{facts.PACKAGE}:"):
            rest, _, name = each["urn"].rpartition("::")
            text = text.replace(json.dumps(each["urn"]), json.dumps(f"{rest}::{facts.logical(name)}"))
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
    stack = automation.create_or_select_stack(
        STACK, project_name=PROJECT, program=partial(program, folder), opts=options
    )
    if recover:
        stack.cancel()
        stack.refresh(clear_pending_creates=True)
    if action == "down":
        stack.destroy()
    else:
        stack.up()


if __name__ == "__main__":
    main()
