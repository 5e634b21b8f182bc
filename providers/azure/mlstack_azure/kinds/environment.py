"""An environment: a version that holds an image, or what Azure ML builds one of. Its hash is its version.

A version cannot be changed; another definition is another version, and the old one goes when what ran in it
has moved on (``keep`` leaves it).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi

from mlstack.content import fingerprint
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering import packages
from mlstack.lowering.packages import Packages
from mlstack.lowering.tree import version_of_texts
from mlstack.provider import Build
from mlstack_azure import account, existing
from mlstack_azure.kinds.common import kept, warn_of_keep
from mlstack_azure.names import physical, tags
from mlstack_azure.place import place
from mlstack_azure.tree import TREE

#: What packages are installed on: Azure ML's own image, patched by them. https://github.com/Azure/AzureML-Containers
BASE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
#: What a score script runs under. https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http
INFERENCE_SERVER = "azureml-inference-server-http>=1.3"

_SHARED = "azure.environments"
_PREFIX = "/azureml-envs/mlstack"


@dataclass(frozen=True)
class Routes:
    """Where a server of one's own answers, on ``port``: alive, ready, and the model itself."""

    port: int
    live: str
    ready: str
    score: str


@dataclass(frozen=True)
class Definition:
    """What an environment is made of: an image, with packages or without; or a folder with a Dockerfile."""

    image: Any = None
    packages: Packages | None = None
    setup: tuple[str, ...] = ()
    dockerfile: str | None = None
    routes: Routes | None = None


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    _environments(build)[build.name] = build
    if spec.existing is not None:
        return {"id": existing.asset(build, "environments", spec.existing, "existing"), "image": None}
    warn_of_keep(build)
    return {"id": _version(build, _definition(build), main=True), "image": spec.image}


def serving_environment(
    build: Build, name: str | None, *, requirements: Sequence[str] = (INFERENCE_SERVER,)
) -> pulumi.Input[str]:
    """Id of the spec's environment with what serving needs beside it, shared by all that need the same.

    An image, a Dockerfile or an environment that exists is complete, and has to have the server itself.
    Without a name: a new environment of the requirements alone, below the caller.
    """
    if name is None:
        held = packages.of_requirements(build.name, requirements)
        return _version(build, Definition(BASE, held), "environment", _told(requirements))
    found: pulumi.Input[str] = build.outputs("environments", name)["id"]
    owner: Build = _environments(build)[name]
    if owner.spec.existing is not None or owner.spec.image is not None or owner.spec.dockerfile is not None:
        return found
    definition = _definition(owner)
    assert definition.packages is not None
    wanted = replace(definition, packages=definition.packages.and_also(requirements))
    key = (name, *requirements)
    made = build.shared.setdefault(f"{_SHARED}.serving", {})
    if key not in made:
        made[key] = _version(owner, wanted, "serving", _told(requirements))
    served: pulumi.Input[str] = made[key]
    return served


def image_environment(build: Build, *suffixes: str, image: Any, routes: Routes) -> pulumi.Input[str]:
    """Id of an environment, below the caller, of an image that has a server of its own."""
    return _version(build, Definition(image, routes=routes), *suffixes, "environment")


def _definition(build: Build) -> Definition:
    spec = build.spec
    if spec.image is not None:
        return Definition(spec.image)
    if spec.dockerfile is not None:
        return Definition(dockerfile=spec.dockerfile)
    held = packages.of_spec(spec, build.root, build.name)
    for fault in held.faults:
        raise UsageError(
            f"environments.{build.name}: {fault.place}: {fault.message}",
            code="not-a-requirement",
            remedy=fault.remedy,
        )
    return Definition(BASE, held, tuple(spec.setup))


def _version(build: Build, given: Definition, *suffixes: str, main: bool = False) -> pulumi.Input[str]:
    """Make the version; its ARM id."""
    import pulumi_azure_native.machinelearningservices as ml

    where = place(build)
    made: dict[str, Any] = {}
    if given.dockerfile is not None:
        source, digest = _folder(build, given.dockerfile, suffixes)
        made["build"] = ml.BuildContextArgs(context_uri=source, dockerfile_path=Path(given.dockerfile).name)
    elif given.setup:
        source, digest = _generated(build, given, suffixes)
        made["build"] = ml.BuildContextArgs(context_uri=source, dockerfile_path="Dockerfile")
    else:
        made["image"] = given.image
        digest = given.image
        if given.packages is not None:
            made["conda_file"] = given.packages.text
            digest = fingerprint(given.image, given.packages.text)
    if given.routes is not None:
        made["inference_config"] = _inference(given.routes)
        routes = json.dumps(vars(given.routes), sort_keys=True)
        digest = account.lift(digest, lambda text: fingerprint(text, routes))
    version = account.lift(digest, lambda text: fingerprint(text))
    environment = build.make(
        ml.EnvironmentVersion,
        *suffixes,
        main=main,
        options=kept(build),
        name=physical(build, *suffixes, longest=64),
        version=version,
        resource_group_name=where.resource_group,
        workspace_name=where.workspace,
        properties=ml.EnvironmentVersionPropertiesArgs(
            **made, os_type="Linux", is_anonymous=False, is_archived=False, tags=tags(build)
        ),
    )
    return environment.id


def _inference(routes: Routes) -> Any:
    import pulumi_azure_native.machinelearningservices as ml

    def route(path: str) -> ml.RouteArgs:
        return ml.RouteArgs(path=path, port=routes.port)

    return ml.InferenceContainerPropertiesArgs(
        liveness_route=route(routes.live),
        readiness_route=route(routes.ready),
        scoring_route=route(routes.score),
    )


def _folder(build: Build, dockerfile: str, suffixes: tuple[str, ...]) -> tuple[pulumi.Output[str], str]:
    """The Dockerfile's folder, uploaded: (its URL, the hash of folder and name)."""
    file = build.root / dockerfile
    if not file.is_file():
        raise UsageError(
            f"environments.{build.name}: there is no {dockerfile}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    digest = TREE.version(file.parent)
    path = Path(dockerfile).parent.as_posix()
    return _uploaded(build, suffixes, digest, path=path), fingerprint(digest, file.name)


def _generated(build: Build, given: Definition, suffixes: tuple[str, ...]) -> tuple[pulumi.Output[str], str]:
    """A folder with a Dockerfile that runs the set-up commands and then installs: (its URL, its hash)."""
    assert given.packages is not None
    texts = {"Dockerfile": _dockerfile(given), "conda.yaml": given.packages.text}
    digest = version_of_texts(texts)
    return _uploaded(build, suffixes, digest, texts=texts), digest


def _uploaded(build: Build, suffixes: tuple[str, ...], digest: str, **source: Any) -> pulumi.Output[str]:
    context = GapResource(
        "mlstack:azure:Upload",
        build.child(*suffixes, "context"),
        {
            "stack_uid": build.stack_uid,
            "home": "/".join((build.kind, build.name, *suffixes)),
            "workspace_id": place(build).workspace_id,
            "digest": digest,
            **source,
        },
        outputs=("uri", "url"),
        opts=build.opts(),
    )
    return pulumi.Output.concat(context.output("url"), "/")


def _dockerfile(given: Definition) -> str:
    """Azure ML runs jobs in the conda environment that AZUREML_CONDA_ENVIRONMENT_PATH names."""
    commands = "".join(f"RUN {json.dumps(['/bin/bash', '-c', command])}\n" for command in given.setup)
    return (
        f"FROM {given.image}\n"
        "ENV DEBIAN_FRONTEND=noninteractive\n"
        "RUN apt-get update\n"
        f"{commands}"
        "COPY conda.yaml /tmp/conda.yaml\n"
        f"RUN conda env create -p {shlex.quote(_PREFIX)} -f /tmp/conda.yaml && conda clean -afy\n"
        f"ENV AZUREML_CONDA_ENVIRONMENT_PATH={_PREFIX} CONDA_DEFAULT_ENV={_PREFIX}\n"
        f"ENV PATH={_PREFIX}/bin:$PATH LD_LIBRARY_PATH={_PREFIX}/lib:$LD_LIBRARY_PATH\n"
    )


def _environments(build: Build) -> dict[str, Build]:
    """The builds of the program's environments: what else is made of one goes below its component."""
    found: dict[str, Build] = build.shared.setdefault(_SHARED, {})
    return found


def _told(requirements: Sequence[str]) -> str:
    return fingerprint(*requirements)[:6]
