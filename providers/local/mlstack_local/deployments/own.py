"""Servers of the user's own: a command of theirs, told by PORT where to listen."""

from __future__ import annotations

import re
import shutil

from mlstack.resource import ResourceFailed
from mlstack_local.deployments.inputs import DeploymentInputs
from mlstack_local.layout import Layout

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")


def command(
    inputs: DeploymentInputs, layout: Layout, port: int, path: str
) -> tuple[list[str], dict[str, str]]:
    """Its words and its environment; raises ResourceFailed when there is no such program.

    PORT says where to listen, MLSTACK_MODEL where the model's files are. Words refer to variables as in
    Kubernetes: ``$(PORT)``, and ``$$(PORT)`` for the text itself.
    """
    assert inputs.server is not None
    env = {"PYTHONUNBUFFERED": "1", "PATH": path, **inputs.env, "PORT": str(port)}
    if inputs.model:
        env["MLSTACK_MODEL"] = str(layout.root / inputs.model.uri)
    words = [expand(word, env) for word in inputs.server.command]
    program = shutil.which(words[0], path=env["PATH"]) if "/" not in words[0] else None
    if program is None:
        file = layout.root / words[0]
        if "/" not in words[0] or not file.is_file():
            raise ResourceFailed(
                f"deployment {inputs.name!r}: there is no program {words[0]!r}"
                + ("" if "/" in words[0] else " on PATH"),
                remedy="install it, or correct server.container.command; a path starts at the spec's folder",
            )
        program = str(file)
    return [program, *words[1:]], env


def expand(word: str, env: dict[str, str]) -> str:
    """``$(NAME)`` becomes the variable's value; one that is not set stays as it is written."""

    def value(found: re.Match[str]) -> str:
        return "$" if found[1] is None else env.get(found[1], found[0])

    return _REFERENCE.sub(value, word)
