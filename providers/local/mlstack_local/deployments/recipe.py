"""What a worker is made of, and the supervised program that it becomes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlstack import paths
from mlstack.resource import ResourceFailed
from mlstack_local import ports, serving
from mlstack_local.deployments.inputs import ModelPart
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program

_BODY_LIMIT = 64 << 20


@dataclass(frozen=True)
class Recipe:
    """All that a worker's program is made of. ``model`` None: the code brings it."""

    endpoint: str
    deployment: str
    generation: str
    environment: str
    runtime: str
    model: ModelPart | None
    code: Path | None
    script: str | None
    env: Mapping[str, str]
    secrets: Sequence[tuple[str, str]]

    @property
    def prefix(self) -> str:
        return f"{self.endpoint}.{self.deployment}.{self.generation}."


def deployment_prefix(endpoint: str, deployment: str) -> str:
    return f"{endpoint}.{deployment}."


def declare(recipe: Recipe, layout: Layout, count: int, declared: Mapping[str, Program]) -> list[Program]:
    """The programs of ``count`` workers. One that is declared already keeps its port."""
    made = []
    taken = ports.taken(declared)
    for number in range(count):
        name = f"{recipe.prefix}{number}"
        port = declared[name].meta["port"] if name in declared else ports.free(name, taken)
        taken.add(port)
        made.append(_program(recipe, layout, name, port))
    return made


def move(program: Program, recipe: Recipe, layout: Layout, declared: Mapping[str, Program]) -> Program:
    """The same worker on another port."""
    return _program(recipe, layout, program.name, ports.free(program.name, ports.taken(declared)))


def _program(recipe: Recipe, layout: Layout, name: str, port: int) -> Program:
    python = paths.cache_dir() / "environments" / recipe.environment / "bin" / "python"
    if not python.exists():
        raise ResourceFailed(
            f"environment {recipe.environment}, which deployment {recipe.deployment!r} runs in, is not there",
            remedy="run `mlstack refresh`, then `mlstack up`: it is made again",
        )
    argv = [str(python), "-m", "mlstack_serving", "--name", recipe.endpoint, "--port", str(port)]
    argv += ["--max-body", str(_BODY_LIMIT)]
    if recipe.model:
        argv += ["--model", str(layout.root / recipe.model.uri), "--model-version", recipe.model.version]
    if recipe.model and recipe.model.flavor:
        argv += ["--flavor", recipe.model.flavor]
    if recipe.code:
        argv += ["--code", str(recipe.code)]
    if recipe.script:
        argv += ["--script", recipe.script]
    return Program(
        name,
        tuple(argv),
        cwd=str(recipe.code or layout.deployment(recipe.endpoint, recipe.deployment)),
        env=_environment(recipe),
        secrets={variable: str(layout.secrets / secret) for variable, secret in recipe.secrets},
        meta={"port": port},
    )


def _environment(recipe: Recipe) -> dict[str, str]:
    """What a user's code prints is in the log at once; the serving runtime comes before a path of theirs."""
    path = [str(serving.folder(recipe.runtime)), *filter(None, [recipe.env.get("PYTHONPATH")])]
    return {"PYTHONUNBUFFERED": "1", **recipe.env, "PYTHONPATH": os.pathsep.join(path)}
