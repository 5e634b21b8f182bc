"""An environment on this machine: a virtual environment from packages, a requirements or a conda file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering.locks import python
from mlstack.provider import Build
from mlstack_local import environments
from mlstack_local.kinds.common import local_path, warn_of_tags


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    spec = build.spec
    field = "conda" if spec.conda is not None else "requirements"
    if getattr(spec, field) is not None:
        local_path(build, field)
    listed = environments.of_spec(spec, build.root)
    if listed.faults:
        message, remedy = listed.told()
        raise UsageError(message, code="not-a-requirement", remedy=remedy)
    for warning in listed.warnings:
        build.warn(field, warning)
    inputs = {
        "stack_uid": build.stack_uid,
        "name": build.name,
        "python": listed.python or python.default(),
        "requirements": list(listed.requirements),
        "serving": environments.of_serving(),
    }
    further = {"constraints": list(listed.constraints), "setup": list(spec.setup), "keep": spec.keep}
    environment = GapResource(
        "mlstack:local:Environment",
        build.child(),
        {**inputs, **{key: value for key, value in further.items() if value}},
        outputs=("version", "lock"),
        opts=build.opts(),
    )
    return {"id": pulumi.Output.concat(build.name, "@", environment.output("version")), "image": None}
