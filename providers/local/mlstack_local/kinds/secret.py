"""A secret on this machine: a 0600 file, from a variable of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.lowering.values import salted
from mlstack.provider import Build
from mlstack_local.kinds.common import warn_of_tags


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    variable = build.spec.env
    value = os.environ.get(variable)
    if value is None:
        raise UsageError(
            f"the secret {build.name!r} is read from the variable {variable}, which is not set",
            code="secret-not-set",
            remedy=f"export {variable}=…",
        )
    told = salted(build.stack_uid, build.name, value)
    inputs = {"stack_uid": build.stack_uid, "name": build.name, "env": variable, "hash": told}
    secret = GapResource("mlstack:local:Secret", build.child(), inputs, opts=build.opts())
    return {"id": pulumi.Output.concat(build.name, "@", secret.output("hash"))}
