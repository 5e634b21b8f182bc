"""A secret: a Secret of the namespace, from an environment variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi

from mlstack.errors import UsageError
from mlstack.lowering.values import join, salted
from mlstack.provider import Build
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make, named, place
from mlstack_kubernetes.pods import SecretOf

#: The one key of each Secret.
KEY = "value"
_SHARED = "kubernetes.secrets"


def build(build: Build) -> Mapping[str, Any]:
    from pulumi_kubernetes.core import v1

    value = os.environ.get(build.spec.env)
    if value is None:
        raise UsageError(
            f"the secret {build.name!r} is read from the variable {build.spec.env}, which is not set",
            code="secret-not-set",
            remedy=f"export {build.spec.env}=…",
        )
    made = make(
        build,
        v1.Secret,
        main=True,
        name=physical(build),
        type="Opaque",
        string_data={KEY: pulumi.Output.secret(value)},
    )
    name = pulumi.Output.unsecret(named(made))
    mark = salted(build.stack_uid, build.name, value)
    build.shared.setdefault(_SHARED, {})[build.name] = SecretOf(name, KEY, mark)
    return {"id": join(place(build).namespace, "/", name)}


def secrets(build: Build, wanted: Mapping[str, str]) -> dict[str, SecretOf]:
    """The Secrets behind variables that take the value of a secret, by its name in the spec."""
    for name in wanted.values():
        build.outputs("secrets", name)
    return {variable: build.shared[_SHARED][name] for variable, name in wanted.items()}
