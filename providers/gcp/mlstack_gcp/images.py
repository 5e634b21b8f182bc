"""Container images: taken as they are given, or built by Cloud Build, tagged with the hash of their content.

A Dockerfile is the user's own, or generated: Python's image (conda's where the spec has a conda file), the
set-up commands, the packages, and for serving the serving runtime. The model is never part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering import packages, serving, staging
from mlstack.lowering.packages import Packages
from mlstack.provider import Build
from mlstack_gcp import registry
from mlstack_gcp.names import physical
from mlstack_gcp.place import place
from mlstack_gcp.uploads import Uploaded, pack, upload_texts
from mlstack_gcp.values import lift

TOKEN = "mlstack:gcp:Image"  # noqa: S105  a type
#: Where packages are installed on; the version of Python is the spec's. https://hub.docker.com/_/python
PYTHON = "python:{}-slim"
#: Where a conda file is installed on. https://github.com/conda-forge/miniforge-images
CONDA = "condaforge/miniforge3:24.11.3-2"
#: Where the serving runtime and what goes with it are in an image; it is on PYTHONPATH, and the work folder.
HOME = "/opt/mlstack"

_SHARED = "gcp.environments"
_PREFIX = "/opt/conda-env"


def job_image(build: Build, environment: str | None) -> pulumi.Input[str]:
    """The image of the spec's environment, as jobs run in it; without a name Python's own."""
    if environment is None:
        return PYTHON.format(_version(packages.of_requirements(build.name, ())))
    found: pulumi.Input[str] = build.outputs("environments", environment)["image"]
    return found


def serving_image(
    build: Build,
    environment: str | None,
    requirements: Sequence[str] = (),
    *,
    files: Mapping[str, str | Path] | None = None,
    command: Sequence[str] = (),
    suffixes: Sequence[str] = (),
) -> pulumi.Input[str]:
    """An image with mlstack's serving runtime and ``requirements`` beside the environment's own packages.

    ``files`` go to `HOME`, beside ``mlstack_serving``, which Python finds there; ``command`` is what it
    starts. It is shared by all that need the same, and made below the environment's component, or with
    ``suffixes`` below the caller's where there is no environment, or it is not shared. An image, a Dockerfile
    or an environment that exists is complete, has to have the server itself, and takes none of it.
    """
    if environment is None:
        held = packages.of_requirements(build.name, requirements)
        return _generated(build, held, (), (*suffixes, "serving"), files or {}, command, served=True)
    found = job_image(build, environment)
    owner = _environments(build)[environment]
    if is_complete(owner.spec):
        return found
    held = _packages(owner).and_also(requirements)
    if files:
        where = (*suffixes, "serving")
        return _generated(build, held, owner.spec.setup, where, files, command, served=True)
    key = (environment, *requirements, "", *command)
    made: dict[Any, Any] = build.shared.setdefault(f"{_SHARED}.serving", {})
    if key not in made:
        where = ("serving", fingerprint(*requirements, *command)[:6])
        made[key] = _generated(owner, held, owner.spec.setup, where, {}, command, served=True)
    served: pulumi.Input[str] = made[key]
    return served


def is_complete(spec: Any) -> bool:
    """Whether an environment's image is taken as it is, and nothing can be put into it."""
    return spec.existing is not None or spec.image is not None or spec.dockerfile is not None


def of_environment(build: Build) -> pulumi.Input[str]:
    """The image of an environment of the spec; for the environment's own builder."""
    spec = build.spec
    _environments(build)[build.name] = build
    if spec.existing is not None or spec.image is not None:
        return spec.existing or spec.image  # type: ignore[no-any-return]
    if spec.dockerfile is None:
        return _generated(build, _packages(build), spec.setup, (), {}, (), served=False)
    file = build.root / spec.dockerfile
    if not file.is_file():
        raise UsageError(
            f"environments.{build.name}: there is no {spec.dockerfile}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    folder = Path(spec.dockerfile).parent.as_posix()
    return build_image(build, pack(build, folder, "context"), (), dockerfile=file.name)


def build_image(
    build: Build, context: Uploaded, suffixes: Sequence[str] = (), *, dockerfile: str = "Dockerfile"
) -> pulumi.Output[str]:
    """An image that Cloud Build makes of a packed context: ``REPOSITORY/NAME:DIGEST``."""
    here, repository = place(build), registry.repository(build)
    keep = getattr(build.spec, "keep", 0)
    made = GapResource(
        TOKEN,
        build.child(*suffixes, "image"),
        {
            "stack_uid": build.stack_uid,
            "project": here.project,
            "location": here.region,
            "repository": repository.base,
            "name": physical(build, *suffixes, longest=63),
            "digest": lift(context.digest, lambda digest: fingerprint(digest, dockerfile)),
            "context": context.uri,
            "dockerfile": dockerfile,
            "service_account": repository.builder,
        },
        ("image",),
        build.opts(
            depends_on=[*here.resources, *repository.resources],
            **({"retain_on_delete": True} if keep else {}),
        ),
    )
    return made.output("image")


def dockerfile(held: Packages, setup: Sequence[str], *, served: bool, command: Sequence[str] = ()) -> str:
    """The text of a generated Dockerfile. Jobs run as root, as Vertex AI mounts buckets for it; servers as
    nobody."""
    lines = [f"FROM {CONDA if _is_conda(held) else PYTHON.format(_version(held))}"]
    lines.append("ENV DEBIAN_FRONTEND=noninteractive PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1")
    if setup:
        lines.append("RUN apt-get update")
    lines += [f"RUN {json.dumps(['/bin/bash', '-c', each])}" for each in setup]
    if _is_conda(held):
        lines += [
            "COPY conda.yaml /tmp/conda.yaml",
            f"RUN conda env create -p {_PREFIX} -f /tmp/conda.yaml && conda clean -afy",
            f"ENV CONDA_DEFAULT_ENV={_PREFIX} PATH={_PREFIX}/bin:$PATH",
        ]
    elif _pip(held):
        lines += ["COPY requirements.txt /tmp/requirements.txt", "RUN pip install -r /tmp/requirements.txt"]
    if served:
        lines += [f"COPY home {HOME}", f"ENV PYTHONPATH={HOME}", f"WORKDIR {HOME}", "USER 65534"]
    if command:
        lines.append(f"ENTRYPOINT {json.dumps(list(command))}")
    return "\n".join(lines) + "\n"


def _generated(
    build: Build,
    held: Packages,
    setup: Sequence[str],
    suffixes: tuple[str, ...],
    files: Mapping[str, str | Path],
    command: Sequence[str],
    *,
    served: bool,
) -> pulumi.Output[str]:
    texts = {"Dockerfile": dockerfile(held, setup, served=served, command=command)}
    if _is_conda(held):
        texts["conda.yaml"] = held.text
    elif _pip(held):
        texts["requirements.txt"] = "".join(f"{line}\n" for line in _pip(held))
    if not served:
        return build_image(build, upload_texts(build, texts, *suffixes, "context", pack=True), suffixes)
    beside = {f"home/{name}": held for name, held in {**serving.runtime(), **files}.items()}
    folder = staging.folder(build, "gcp", *suffixes, files={**texts, **beside})
    return build_image(build, pack(build, folder, *suffixes, "context"), suffixes)


def _packages(build: Build) -> Packages:
    held = packages.of_spec(build.spec, build.root, build.name)
    for fault in held.faults:
        raise UsageError(
            f"environments.{build.name}: {fault.place}: {fault.message}",
            code="not-a-requirement",
            remedy=fault.remedy,
        )
    return held


def _pip(held: Packages) -> list[str]:
    return [
        line for item in held.conda["dependencies"] if isinstance(item, dict) for line in item.get("pip", ())
    ]


def _is_conda(held: Packages) -> bool:
    """Whether conda is needed: for more than Python (one exact version), pip and what pip installs."""
    listed = [str(item) for item in held.conda["dependencies"] if not isinstance(item, dict)]
    named = [item for item in listed if item != "pip"]
    return len(named) != 1 or re.fullmatch(r"python=3[\d.]+", named[0]) is None


def _version(held: Packages) -> str:
    """The version of Python in it, as the tags of Python's images have it."""
    found = next(str(item) for item in held.conda["dependencies"] if str(item).startswith("python="))
    return found.rpartition("=")[2]


def _environments(build: Build) -> dict[str, Build]:
    """The builds of the program's environments: what else is made of one goes below its component."""
    found: dict[str, Build] = build.shared.setdefault(_SHARED, {})
    return found
