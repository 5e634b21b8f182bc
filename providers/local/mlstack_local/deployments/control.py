"""Whether an endpoint needs its controller, and that it is there then."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import mlstack_local
from mlstack import content
from mlstack_local.deployments import note
from mlstack_local.gateway import config as configs
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program, Supervisor


def program_name(endpoint: str) -> str:
    return f"{endpoint}.controller"


def controlled(layout: Layout, config: configs.Config) -> dict[str, note.Made]:
    """The deployments that a controller looks after, as their present workers were made."""
    found = {}
    for name, backend in config.deployments.items():
        known = note.read(layout.deployment(config.endpoint, name))
        made = known.get(backend.generation) if known else None
        if made and made.inputs.get("controlled"):
            found[name] = made
    return found


def arrange(layout: Layout, endpoint: str) -> None:
    """Have the controller run if a deployment needs it, and only then."""
    folder, supervisor, name = layout.endpoint(endpoint), Supervisor(layout), program_name(endpoint)
    with configs.locked(folder):
        config = configs.read(folder)
        if config and controlled(layout, config):
            argv = (sys.executable, "-m", "mlstack_local.controller", str(folder))
            supervisor.apply([Program(name, argv, str(folder), meta={"version": _version()})])
        elif name in supervisor.programs():
            supervisor.apply(remove=[name])


@cache
def _version() -> str:
    """Another version of mlstack has a controller of its own, for it makes other workers."""
    return content.version(Path(mlstack_local.__file__).parent)


def is_kept(layout: Layout, endpoint: str) -> bool:
    process = Supervisor(layout).status().get(program_name(endpoint))
    return bool(process and process.kept)
