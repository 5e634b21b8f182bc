"""An environment on this machine: a virtual environment from packages or a requirements file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack_local import environments
from mlstack_local.environments import python
from mlstack_local.kinds.common import local_path, warn_of_tags


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    spec = build.spec
    requirements = list(spec.packages)
    if spec.requirements is not None:
        text = (build.root / local_path(build, "requirements")).read_text()
        try:
            requirements = [*environments.parse(text), *requirements]
        except environments.Unreadable as error:
            raise UsageError(
                f"{spec.requirements}: {error}",
                code="not-a-requirement",
                remedy="list requirements alone; the package index is a setting of uv's: UV_DEFAULT_INDEX",
            ) from error
    environment = GapResource(
        "mlstack:local:Environment",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "python": spec.python or python.default(),
            "requirements": requirements,
            "serving": environments.of_serving(),
        },
        outputs=("version", "lock"),
        opts=build.opts(),
    )
    return {"id": pulumi.Output.concat(build.name, "@", environment.output("version")), "image": None}
