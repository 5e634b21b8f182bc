"""Images that jobs and models run in: given ones as they are, others built by CodeBuild, each but once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi

from mlstack.gap import GapResource
from mlstack.lowering import packages, serving, staging
from mlstack.provider import Build
from mlstack_aws import dockerfiles, uploads
from mlstack_aws.arns import lift
from mlstack_aws.errors import not_a_requirement, not_there
from mlstack_aws.place import place
from mlstack_aws.registry import builder, registry

_SHARED = "aws.environments"


def job_image(build: Build, environment: str) -> pulumi.Input[str]:
    """URI of the image of the spec's environment, as jobs run in it."""
    found: pulumi.Input[str] = build.outputs("environments", environment)["image"]
    return found


def serving_image(
    build: Build, environment: str | None, requirements: Sequence[str] = ()
) -> pulumi.Input[str]:
    """URI of an image that serves a model by SageMaker's contract: the spec's environment with mlstack's
    serving runtime in it; the model and its code are left out.

    An image, a Dockerfile or an environment that exists is complete, and has to have a server itself. Without
    an environment: an image of the requirements alone, below the caller. What needs the same is one image.
    """
    made: dict[Any, Any] = build.shared.setdefault(f"{_SHARED}.serving", {})
    if environment is None:
        key: tuple[str, ...] = ("", build.kind, build.name, *requirements)
        if key not in made:
            held = packages.of_requirements(build.name, requirements)
            made[key] = _serving(build, held, (), "serving", _told(requirements))
        return made[key]  # type: ignore[no-any-return]
    found = job_image(build, environment)
    owner = _environments(build)[environment]
    if owner.spec.existing is not None or owner.spec.image is not None or owner.spec.dockerfile is not None:
        return found
    key = (environment, *requirements)
    if key not in made:
        held = packages_of(owner).and_also(requirements)
        made[key] = _serving(
            owner, held, owner.spec.setup, "serving", *(() if not requirements else (_told(requirements),))
        )
    served: pulumi.Input[str] = made[key]
    return served


def environment_image(build: Build) -> pulumi.Input[str]:
    """URI of the image of the environment that ``build`` is of; asked once, by its own builder."""
    spec = build.spec
    _environments(build)[build.name] = build
    if spec.existing is not None:
        there: pulumi.Input[str] = lift(spec.existing, lambda text: _in_registry(build, text))
        return there
    if spec.image is not None:
        given: pulumi.Input[str] = _given(build, spec.image)
        return given
    if spec.dockerfile is not None:
        file = build.root / spec.dockerfile
        if not file.is_file():
            raise not_there(build, "dockerfile", spec.dockerfile)
        return built(build, Path(spec.dockerfile).parent.as_posix(), dockerfile=file.name)
    held = packages_of(build)
    return _generated(build, dockerfiles.of_packages(held, spec.setup))


def built(
    build: Build, folder: str, *suffixes: str, dockerfile: str = "Dockerfile", ours: bool = False
) -> pulumi.Output[str]:
    """URI of the image that CodeBuild makes of a folder below the spec's, with a Dockerfile in it.

    ``ours``: mlstack has written all that is in the folder, and no ignore file counts.
    """
    where = place(build)
    context = uploads.upload(build, folder, *suffixes, "context", plain=ours)
    repository, project = registry(build), builder(build)
    made = GapResource(
        "mlstack:aws:Image",
        build.child(*suffixes, "image"),
        {
            "region": where.region,
            "repository": repository.url,
            "name": repository.beginning + "-".join((build.kind, build.name, *suffixes)),
            "project": project.name,
            "context": context.uri,
            "digest": context.digest,
            "dockerfile": dockerfile,
        },
        outputs=("uri", "tag", "sha256"),
        opts=build.opts(depends_on=[context.resource, *project.resources]),
    )
    return made.output("uri")


def packages_of(build: Build) -> packages.Packages:
    """What an environment asks for. Raises UsageError for what cannot be installed elsewhere."""
    held = packages.of_spec(build.spec, build.root, build.name)
    for fault in held.faults:
        raise not_a_requirement(build, fault)
    return held


def _serving(
    build: Build, held: packages.Packages, setup: Sequence[str], *suffixes: str
) -> pulumi.Output[str]:
    wanted = held.and_also(dockerfiles.SERVER)
    return _generated(
        build, dockerfiles.of_packages(wanted, setup, serving=True), *suffixes, more=serving.runtime()
    )


def _generated(
    build: Build, texts: Mapping[str, str], *suffixes: str, more: Mapping[str, Path] | None = None
) -> pulumi.Output[str]:
    """An image of files that mlstack writes; they are put together on this machine first."""
    # beside each other: an image's folder within another's would be a part of it
    place = "-".join(("image", *suffixes))
    folder = staging.folder(build, "aws", place, files={**texts, **(more or {})})
    return built(build, folder, *suffixes, ours=True)


def _given(build: Build, image: Any) -> Any:
    """SageMaker runs images of ECR alone: one of elsewhere is copied there, once."""
    if not isinstance(image, str) or dockerfiles.in_ecr(image):
        return image
    build.note("image", f"SageMaker takes images of ECR alone: {image} is copied there")
    return _generated(build, dockerfiles.copy_of(image))


def _in_registry(build: Build, text: str) -> Any:
    """What exists already, by its whole URI, or by REPOSITORY:TAG in the account's own registry."""
    if dockerfiles.in_ecr(text):
        return text
    where = place(build)
    return pulumi.Output.concat(
        where.account, f".dkr.ecr.{where.region}.", dockerfiles.host(where.region), f"/{text}"
    )


def _environments(build: Build) -> dict[str, Build]:
    """The builds of the program's environments: what else is made of one goes below its component."""
    found: dict[str, Build] = build.shared.setdefault(_SHARED, {})
    return found


def _told(requirements: Sequence[str]) -> str:
    from mlstack.content import fingerprint

    return fingerprint(*requirements)[:6]
