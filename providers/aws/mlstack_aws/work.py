"""What a job of the spec is on SageMaker, before it is known whether a training or a processing job runs it.

Both copy what is read from S3 below one folder of the container, and what is written back to S3 in the end.
The command itself comes with them, as its text may be longer than an argument (256 characters): in the
channel ``mlstack`` beside `container/run.sh`, and names paths and values by variables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.lowering import staging
from mlstack.lowering.shell import by_variables, literal
from mlstack.provider import Build
from mlstack.spec import Job, Value, is_deferred
from mlstack.spec.machine import Machine
from mlstack_aws import dockerfiles, images, uploads
from mlstack_aws.place import Place, place
from mlstack_aws.tree import TREE

#: The channels that are mlstack's own.
SCRIPT, CODE = "mlstack", "mlstack-code"
#: Variables of a job that name a secret: its value may change without the job running again.
SECRET = "MLSTACK_SECRET_"  # noqa: S105 - the beginning of a name
#: GiB of a volume that nobody has asked for: the platform's usual.
DISK = 30
#: Of the platform: the longest time of a job that does not say how long it may take (the usual quota).
LONGEST = 432_000

#: https://gallery.ecr.aws/docker/library/python
PYTHON = "public.ecr.aws/docker/library/python:3.11-slim-bookworm"
_BARE = "aws.jobs.bare"
_CONTAINER = files("mlstack_aws.container")


@dataclass(frozen=True)
class Work:
    """``channels``: name -> URI in S3. ``counts`` is all that decides what it computes, for its fingerprint:
    machine, timeout, tags and the values of secrets are not among it."""

    job: Job
    where: Place
    image: Any
    instance: Any
    spot: bool
    disk: int
    channels: Mapping[str, Any]
    env: Mapping[str, Any]
    counts: Mapping[str, Any]

    @property
    def seconds(self) -> int:
        return LONGEST if self.job.timeout is None else max(1, math.ceil(float(self.job.timeout)))


def work(build: Build, job: Job, *suffixes: str, own: str | None = None) -> Work:
    """A job, and what has to be uploaded for it, made below ``build.parent``.

    ``suffixes`` tell several jobs of one parent apart. ``own`` is the output whose folder is kept at a place
    of its own (training jobs). Inputs that are other steps' are not among the channels.
    """
    where = place(build)
    given = {name: _input(build, each) for name, each in job.inputs.items() if not _of_step(each)}
    sorts = {
        "inputs": "".join(f"{name} {_sort(build, each)}\n" for name, each in job.inputs.items()),
        "outputs": "".join(
            f"{name} {'own' if name == own else each.type}\n" for name, each in job.outputs.items()
        ),
    }
    script = uploads.upload_texts(
        build,
        {
            "command": by_variables(job.command, variable) + "\n",
            **sorts,
            "run.sh": _own("run.sh"),
            **_fetching(job),
        },
        *suffixes,
        "command",
    )
    channels: dict[str, Any] = {SCRIPT: script.uri}
    counts: dict[str, Any] = {"command": job.command, **sorts}
    if job.code is not None:
        code = _code(build, job.code, *suffixes)
        channels[CODE], counts["code"] = code.uri, code.digest
    values = {variable("inputs", name): each.value for name, each in given.items() if each.plain}
    channels |= {name: each.value for name, each in given.items() if not each.plain}
    machine, spot, disk = _machine(build, job)
    image = images.job_image(build, job.environment) if job.environment else _bare(where)
    counts |= {
        "image": image,
        "given": {name: each.version for name, each in given.items()},
        "env": dict(job.env),
        "nodes": job.nodes,
        "processes": job.processes,
    }
    env: dict[str, Any] = {**job.env, **values}
    env |= {f"{SECRET}{name}": build.outputs("secrets", secret)["id"] for name, secret in job.secrets.items()}
    if job.processes > 1:
        env["MLSTACK_PROCESSES"] = str(job.processes)
    return Work(job, where, image, machine, spot, disk, channels, env, counts)


def variable(kind: str, name: str) -> str:
    """The variable that a placeholder becomes; `container/run.sh` sets it, but for a value, which is one of
    the job's."""
    return f"MLSTACK_{kind.removesuffix('s').upper()}_{name.replace('-', '_')}"


@dataclass(frozen=True)
class _Given:
    """An input: a text (``plain``) or a place in S3, and what tells one version of it from another."""

    value: Any
    version: Any
    plain: bool = False


def _input(build: Build, given: str | Value) -> _Given:
    if isinstance(given, Value):
        held = given.value
        text = pulumi.Output.from_input(held).apply(literal) if is_deferred(held) else literal(held)
        return _Given(text, text, plain=True)
    kind, name, *rest = given.split(".")
    found = build.outputs(kind, name)
    if kind == "jobs":
        output = found["outputs"][rest[0]]
        return _Given(output["uri"], output["version"])
    if found["uri"] is None:
        raise UsageError(
            f"{build.kind}.{build.name} reads models.{name}, whose files are not in S3",
            code="unsupported",
            remedy="name a model with path, hub or from; or have the command fetch it by itself",
        )
    return _Given(found["uri"], found["version"])


def _sort(build: Build, given: str | Value) -> str:
    """What `container/run.sh` makes of an input: value, file, folder or model."""
    if isinstance(given, Value):
        return "value"
    kind, name, *rest = given.split(".")
    if kind == "models":
        return "model"
    if kind == "data":
        return "file" if is_file(build, name) else "folder"
    if kind == "steps":
        job = build.spec.steps[name].job
        return str(build.spec_of("jobs", job).outputs[rest[0]].type)
    return str(build.spec_of("jobs", name).outputs[rest[0]].type)


def is_file(build: Build, name: str) -> bool:
    """Whether data is one file: as the spec says, else as what is at the path is."""
    spec = build.spec_of("data", name)
    if spec.type is not None:
        return bool(spec.type == "file")
    path = spec.path
    if not isinstance(path, str):
        return False
    return not path.endswith("/") if "://" in path else (build.root / path).is_file()


def _of_step(given: str | Value) -> bool:
    return isinstance(given, str) and given.startswith("steps.")


def _bare(where: Place) -> Any:
    """An image with a bare Python, one for all jobs of the program that name no environment."""
    shared = where.owner.shared
    if _BARE not in shared:
        files = dockerfiles.copy_of(PYTHON)
        shared[_BARE] = images.built(
            where.owner, staging.folder(where.owner, "aws", "bare", files=files), "bare", ours=True
        )
    return shared[_BARE]


def machine(compute: str) -> str:
    """Where a compute leaves its machine's name: of an output nobody could tell which sort it is of."""
    return f"aws.machine.{compute}"


def _machine(build: Build, job: Job) -> tuple[Any, bool, int]:
    """(instance, whether it is a spare one, GiB of its volume)."""
    if job.compute is None:
        return build.instance(Machine()), False, DISK
    spec = build.spec_of("compute", job.compute)
    disk = DISK if spec.disk is None else max(1, math.ceil(float(spec.disk)))
    build.outputs("compute", job.compute)  # have it chosen
    return build.shared[machine(job.compute)], spec.spot, disk


def _code(build: Build, path: str, *suffixes: str) -> uploads.Uploaded:
    where = build.root / path
    if not where.is_dir():
        raise UsageError(
            f"{build.kind}.{build.name}: there is no folder {path}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    if kept := TREE.left_out(where):
        names = ", ".join(kept[:3]) + (f" and {len(kept) - 3} more" if len(kept) > 3 else "")
        field = "code" if build.kind == "jobs" else f"steps.{suffixes[0]}.job" if suffixes else "steps"
        build.warn(field, f"{names} may hold secrets and are not uploaded")
    return uploads.upload(build, path, *suffixes, "code")


def _own(name: str) -> str:
    return _CONTAINER.joinpath(name).read_text(encoding="utf-8")


def _fetching(job: Job) -> dict[str, str]:
    return {"fetch_secrets.py": _own("fetch_secrets.py")} if job.secrets else {}
