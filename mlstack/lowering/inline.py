"""A model that a deployment has written in its own place, instead of naming one."""

from __future__ import annotations

from dataclasses import replace

from mlstack.provider import Build
from mlstack.spec import InlineModel, Model


def inline(build: Build, deployment: str, model: InlineModel) -> Build:
    """The build of the same model as one with a name would be, below this endpoint."""
    given = model.model_dump(by_alias=True, exclude_none=True)
    return replace(
        build,
        kind="models",
        name=build.child(deployment, "model"),
        spec=Model.model_validate(given),
        place=(*build.place, "deployments", deployment, "model"),
    )
