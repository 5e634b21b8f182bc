"""What the local target refuses, each with the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlstack.spec import Stack
from mlstack_local import endpoints, environments

_CLOUD = "set it in the overlay of a cloud, mlstack.<stack>.yaml"

#: Field path of the spec, or "path=value" -> why not, and what to do instead. Part of ``Local.unsupported``.
UNSUPPORTED: Mapping[str, str] = {
    "workspace": f"this machine is the workspace: leave it out, or {_CLOUD}",
    "budget": f"this machine costs nothing: leave it out, or {_CLOUD}",
    "monitors": "nothing watches endpoints here yet: leave it out, and read the workers' /metrics",
    "notifications": "nothing here tells anybody anything yet: leave it out",
    "pipelines": "jobs that refer to each other's outputs run in their order: use those",
    "schedules": "nothing here keeps the time: call `mlstack up` from cron",
    "policies": "no policy is checked yet: leave it out",
    "security=strict": f"this machine has no private network and no keys to manage: {_CLOUD}",
    "compute.cluster": f"jobs run on this machine itself: leave it out, or {_CLOUD}",
    "secrets.keyvault": "export the value as a variable, and name it by env: VARIABLE",
    "secrets.secretsmanager": "export the value as a variable, and name it by env: VARIABLE",
    "secrets.secretmanager": "export the value as a variable, and name it by env: VARIABLE",
    "secrets.vault": "export the value as a variable, and name it by env: VARIABLE",
    "environments.existing": "list its packages, or name its file in requirements: FILE",
    "environments.image": "environments here are virtual ones: list the packages, or requirements: FILE",
    "environments.dockerfile": "environments here are virtual ones: list the packages, or requirements: FILE",
    "environments.conda": "list the packages by their names on PyPI, or requirements: FILE",
    "environments.setup": "install what the machine needs yourself, and leave it out",
    "data.existing": "give the path of a file or folder on this machine",
    "jobs.outputs.path": "outputs are kept below .mlstack: leave it out, and read `mlstack outputs`",
    "models.hub": "download the model, and give path: FOLDER",
    "models.registry": "download the model, and give path: FOLDER",
    "endpoints.deployments.model.hub": "download the model, and give path: FOLDER",
    "endpoints.deployments.model.registry": "download the model, and give path: FOLDER",
}

#: Fields that make no input: they have no meaning here, and leaving them in does no harm.
NO_INPUT: Mapping[str, str] = {
    "region": "there is one place, this machine",
    "tags": "nothing on this machine carries tags",
    "data.keep": "data stay where they are; nothing is removed",
    "models.keep": "every version stays until the model is removed",
    "environments.keep": "unused versions stay in the cache for a month",
    "models.revision": "has a meaning only with hub, which is refused",
    "compute.existing": "auto is this machine; a name is refused",
}

Refusal = tuple[tuple[str | int, ...], str, str | None]


def refusals(stack: Stack) -> Iterator[Refusal]:
    """What depends on values: (path in the spec, message, remedy)."""
    yield from _of_compute(stack)
    yield from _of_environments(stack)
    yield from _of_paths(stack)
    for name, job in stack.jobs.items():
        if job.nodes > 1:
            yield (
                ("jobs", name, "nodes"),
                f"{job.nodes} nodes were asked for, and this machine is one",
                "leave nodes out; processes: N runs N of them side by side",
            )
    yield from endpoints.refusals(stack)


def _of_compute(stack: Stack) -> Iterator[Refusal]:
    for name, compute in stack.compute.items():
        if compute.existing not in (None, "auto"):
            yield (
                ("compute", name, "existing"),
                "the only compute of this target is this machine",
                f"write existing: auto, or leave it out, or {_CLOUD}",
            )


def _of_environments(stack: Stack) -> Iterator[Refusal]:
    for name, environment in stack.environments.items():
        place = ("environments", name)
        for index, line in enumerate(environment.packages):
            if line.lstrip().startswith("-"):
                yield (
                    (*place, "packages", index),
                    f"{line!r} is an option of pip, not a requirement",
                    "settings of the package index are uv's own: set them in uv.toml or UV_DEFAULT_INDEX",
                )
        if environment.requirements is None:
            continue
        try:
            environments.parse((stack.root / environment.requirements).read_text())
        except environments.Unreadable as error:
            yield (
                (*place, "requirements"),
                f"{environment.requirements}: {error}",
                "list requirements alone; settings of the package index are uv's own: UV_DEFAULT_INDEX",
            )
        except (OSError, UnicodeDecodeError) as error:
            yield (*place, "requirements"), f"{environment.requirements} cannot be read: {error}", None


def _of_paths(stack: Stack) -> Iterator[Refusal]:
    """Paths have to be there: their content is hashed before anything is made."""
    given: list[tuple[tuple[str, str, str], Any]] = [
        *((("data", name, "path"), data.path) for name, data in stack.data.items()),
        *((("models", name, "path"), model.path) for name, model in stack.models.items()),
        *((("jobs", name, "code"), job.code) for name, job in stack.jobs.items()),
    ]
    for place, path in given:
        if not isinstance(path, str):
            continue
        if "://" in path:
            yield place, f"{path} is not on this machine", "download it, and give its path"
        elif not Path(stack.root / path).exists():
            yield place, f"there is no {path}", "paths are relative to the spec's folder"
