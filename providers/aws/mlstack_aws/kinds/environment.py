"""An environment: an image, of which SageMaker itself keeps no record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.provider import Build
from mlstack_aws import images


def build(build: Build) -> Mapping[str, Any]:
    if build.spec.tags:
        build.warn("tags", "an image of ECR has none: the registry has the workspace's")
    if build.spec.keep:
        build.warn("keep", "an image goes once nothing names it: write its URI as image to hold on to one")
    image = images.environment_image(build)
    return {"id": image, "image": image}
