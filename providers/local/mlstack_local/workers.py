"""A deployment's workers: which programs they are, where they listen, whether they are ready."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from mlstack import paths
from mlstack.resource import ResourceFailed
from mlstack_local import ports, serving
from mlstack_local.layout import Layout
from mlstack_local.supervisor import Program, Supervisor

#: Loading a large model from a slow disk takes minutes; one that crashes is noticed long before.
READY_SECONDS = 600.0
#: Starts of a worker that may fail (a port lost to someone else) before it counts as broken.
_CRASHES = 2
_BODY_LIMIT = 64 << 20


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ModelPart(Part):
    """``uri`` relative to the spec's folder; ``flavor`` None: found out from the files."""

    name: str
    uri: str
    version: str
    flavor: str | None = None


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


class Watch:
    """Follows one worker from its start until it is ready, or broken."""

    def __init__(self, program: Program, path: str) -> None:
        self.program = program
        self._path = path
        self._starts: set[int] = set()

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.program.meta["port"], timeout=5)
        try:
            connection.request("GET", self._path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def broken(self, supervisor: Supervisor) -> bool:
        process = supervisor.status().get(self.program.name)
        if process is None:
            return False
        if process.pid:
            self._starts.add(process.pid)
        if process.state == "BACKOFF" and not ports.is_free(self.program.meta["port"]):
            return True
        crashes = len(self._starts) - bool(process.pid)
        return process.state == "FATAL" or crashes >= _CRASHES


def wait_ready(
    programs: Sequence[Program],
    supervisor: Supervisor,
    *,
    path: str,
    initial_delay: float,
    cancelled: threading.Event,
    seconds: float = READY_SECONDS,
) -> Program | None:
    """Wait until all answer 200 on ``path``. The first that will not is returned, None when all are well."""
    watches = [Watch(program, path) for program in programs]
    deadline = time.monotonic() + initial_delay + seconds
    cancelled.wait(initial_delay)
    while watches:
        waiting = []
        for watch in watches:
            if watch.ready() and _is_ours(watch.program, supervisor):
                continue
            if watch.broken(supervisor) or time.monotonic() > deadline or cancelled.is_set():
                return watch.program
            waiting.append(watch)
        watches = waiting
        if watches:
            time.sleep(0.1)
    return None


def _is_ours(program: Program, supervisor: Supervisor) -> bool:
    """Whether it is this worker that listens on its port, not someone else's server."""
    process = supervisor.status().get(program.name)
    try:
        sockets = psutil.Process(process.pid).net_connections("tcp") if process and process.pid else []
    except psutil.Error:
        return False
    return any(
        found.status == psutil.CONN_LISTEN and found.laddr.port == program.meta["port"] for found in sockets
    )
