"""An environment: an image that is there, or one that Cloud Build makes; its tag is its content's hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_gcp import images


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.existing is not None or spec.image is not None:
        for field in ("keep", "tags"):
            if getattr(spec, field):
                build.warn(field, "the image is there already, and stays as it is")
    elif spec.tags:
        build.warn("tags", "Artifact Registry has no labels for images: the repository carries the stack's")
    if spec.keep and spec.existing is None and spec.image is None:
        build.warn("keep", "every version is kept until the stack goes: they are not counted")
    image = images.of_environment(build)
    return {"id": image, "image": image}
