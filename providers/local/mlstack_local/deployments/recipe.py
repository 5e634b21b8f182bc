"""What a worker is made of, and the supervised program that it becomes."""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mlstack import paths
from mlstack.resource import ResourceFailed
from mlstack_local import ports, serving
from mlstack_local.deployments import own
from mlstack_local.deployments.inputs import DeploymentInputs, generation_of
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program


@dataclass(frozen=True)
class Recipe:
    """All that a deployment's workers are made of. ``path``: PATH for a server of the user's own."""

    layout: Layout
    inputs: DeploymentInputs
    path: str = ""

    @cached_property
    def generation(self) -> str:
        return generation_of(self.inputs)

    @property
    def prefix(self) -> str:
        return f"{self.inputs.endpoint}.{self.inputs.name}.{self.generation}."

    @property
    def folder(self) -> Path:
        """Where this generation's own files are."""
        return self.layout.deployment(self.inputs.endpoint, self.inputs.name) / self.generation

    def program(self, name: str, port: int) -> Program:
        """Raises ResourceFailed when what it runs is not there."""
        secrets = {
            variable: str(self.layout.secrets / secret.name)
            for variable, secret in self.inputs.secrets.items()
        }
        if self.inputs.server:
            argv, env = own.command(self.inputs, self.layout, port, self.path)
            cwd = self.layout.root
        else:
            argv, env = _argv(self, port), _environment(self.inputs)
            cwd = self.folder / "code" if self.inputs.code else self.folder.parent
        return Program(name, tuple(argv), str(cwd), env, secrets, {"port": port})


def deployment_prefix(endpoint: str, deployment: str) -> str:
    return f"{endpoint}.{deployment}."


def declare(
    recipe: Recipe, count: int, declared: Mapping[str, Program], first: Collection[str] = ()
) -> list[Program]:
    """The programs of ``count`` workers.

    Those that are declared already stay, ``first`` before others; one that would be another program now
    (mlstack itself is another version) is passed over, for it must not be started anew under its callers.
    """
    there = sorted(
        (name for name in declared if name.startswith(recipe.prefix)),
        key=lambda name: (name not in first, _number(name)),
    )
    same = [name for name in there if declared[name] == recipe.program(name, declared[name].meta["port"])]
    made = [declared[name] for name in same[:count]]
    return [*made, *more(recipe, count - len(made), declared)]


def more(recipe: Recipe, count: int, declared: Mapping[str, Program]) -> list[Program]:
    """The programs of so many workers beside those that are declared."""
    made: list[Program] = []
    taken = ports.taken(declared)
    names = (f"{recipe.prefix}{number}" for number in itertools.count())
    free = (name for name in names if name not in declared)
    for name in itertools.islice(free, count):
        made.append(recipe.program(name, _free_port(recipe, name, taken)))
        taken.add(made[-1].meta["port"])
    return made


def move(program: Program, recipe: Recipe, declared: Mapping[str, Program]) -> Program:
    """The same worker on another port."""
    return recipe.program(program.name, _free_port(recipe, program.name, ports.taken(declared)))


def _free_port(recipe: Recipe, name: str, taken: Collection[int]) -> int:
    """Stacks that have workers of the same names begin to look in different places."""
    return ports.free(f"{recipe.inputs.stack_uid}/{name}", taken)


def _number(name: str) -> int:
    return int(name.rpartition(".")[2])


def _argv(recipe: Recipe, port: int) -> list[str]:
    """mlstack's own server, in the deployment's environment."""
    inputs = recipe.inputs
    environment = str(inputs.environment).partition("@")[2]
    python = paths.cache_dir() / "environments" / environment / "bin" / "python"
    if not python.exists():
        raise ResourceFailed(
            f"environment {environment}, which deployment {inputs.name!r} runs in, is not there",
            remedy="run `mlstack refresh`, then `mlstack up`: it is made again",
        )
    argv = [str(python), "-m", "mlstack_serving", "--name", inputs.endpoint, "--port", str(port)]
    argv += ["--max-body", str(inputs.body_limit), *_limits(inputs)]
    if inputs.model:
        uri = recipe.layout.root / inputs.model.uri
        argv += ["--model", str(uri), "--model-version", inputs.model.version]
    if inputs.model and inputs.model.flavor:
        argv += ["--flavor", inputs.model.flavor]
    if inputs.code:
        argv += ["--code", str(recipe.folder / "code")]
    if inputs.code and inputs.code.script:
        argv += ["--script", inputs.code.script]
    return argv


def _limits(inputs: DeploymentInputs) -> list[str]:
    flags: list[str] = []
    if inputs.limits and inputs.limits.concurrency is not None:
        flags += ["--concurrency", str(inputs.limits.concurrency)]
    if inputs.limits and inputs.limits.queue is not None:
        flags += ["--queue", str(inputs.limits.queue)]
    if inputs.batching:
        milliseconds = inputs.batching.wait_seconds * 1000
        flags += ["--batch-size", str(inputs.batching.size), "--batch-wait", f"{milliseconds:g}"]
    return flags


def _environment(inputs: DeploymentInputs) -> dict[str, str]:
    """What a user's code prints is in the log at once; the serving runtime comes before a path of theirs."""
    path = [str(serving.folder(str(inputs.runtime))), *filter(None, [inputs.env.get("PYTHONPATH")])]
    return {"PYTHONUNBUFFERED": "1", **inputs.env, "PYTHONPATH": os.pathsep.join(path)}
