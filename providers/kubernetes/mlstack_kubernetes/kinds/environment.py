"""An environment: an image, taken as it is; or packages, which pods install from their exact lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.lowering.values import join
from mlstack.provider import Build
from mlstack_kubernetes import environments


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.image is not None:
        for field in ("keep", "tags"):
            if getattr(spec, field):
                build.warn(field, "the image is there already, and stays as it is")
        environments.leave(build, None)
        return {"id": spec.image, "image": spec.image}
    if spec.keep:
        build.warn("keep", "every version stays on the stack's volume until that goes: they are not counted")
    listed = environments.listed(build)
    for warning in listed.warnings:
        build.warn("conda" if spec.conda is not None else "requirements", warning)
    made = environments.of_packages(
        build, listed.requirements, version=listed.python, constraints=listed.constraints
    )
    environments.leave(build, made)
    return {"id": join(build.name, "@", made.version), "image": None}
