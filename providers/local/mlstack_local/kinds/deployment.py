"""What deployments are made of, whether they answer at once or work through data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pulumi
from mlstack_serving.flavors import PACKAGES

from mlstack import content
from mlstack.errors import UsageError
from mlstack.provider import Build
from mlstack.spec import Deployment, Environment, InlineModel, Model
from mlstack_local import serving
from mlstack_local.kinds.environment import build as build_environment
from mlstack_local.kinds.job import secret_inputs
from mlstack_local.kinds.model import build as build_model
from mlstack_local.support.endpoints import flavor_of

_NO_EFFECT = {
    "size": "{} share this machine",
    "instance": "{} share this machine",
    "cpus": "{} share this machine",
    "memory": "{} share this machine",
    "gpu": "{} see the accelerators that this machine has",
    "disk": "{} share this machine",
    "compute": "{} share this machine",
}


def warn_of_machine(build: Build, name: str, spec: Deployment, who: str) -> None:
    """Say of each field about machines that it has no effect; ``who`` would have used them."""
    for field, reason in _NO_EFFECT.items():
        if getattr(spec, field) is not None:
            build.warn(f"deployments.{name}.{field}", f"has no effect on this machine: {reason.format(who)}")


def made_of(build: Build, name: str, spec: Deployment, further: Sequence[str] = ()) -> dict[str, Any]:
    """The inputs that both sorts have. ``further`` packages go into an environment that is not named."""
    return {
        "model": _model(build, name, spec),
        "environment": _environment(build, name, spec, further),
        "runtime": None if spec.server else serving.runtime(),
        "code": _code(build, spec),
        "env": dict(spec.env),
        "secrets": secret_inputs(build, spec.secrets),
    }


def _model(build: Build, name: str, spec: Deployment) -> dict[str, Any] | None:
    if spec.model is None:
        return None
    if isinstance(spec.model, InlineModel):
        # A dot is in no name of the spec, so this one meets no other.
        model_name = f"{build.name}.{name}"
        written = {name: getattr(spec.model, name) for name in InlineModel.model_fields}
        outputs = build_model(replace(build, kind="models", name=model_name, spec=Model(**written)))
        flavor = spec.model.flavor
    else:
        model_name = spec.model
        outputs = build.outputs("models", model_name)
        flavor = build.spec_of("models", model_name).flavor
    part = {"name": model_name, "uri": outputs["uri"], "version": outputs["version"]}
    return {**part, "flavor": flavor} if flavor else part


def _environment(
    build: Build, name: str, spec: Deployment, further: Sequence[str]
) -> pulumi.Input[str] | None:
    if spec.server is not None:
        return None
    if spec.environment is not None:
        named: pulumi.Output[str] = build.outputs("environments", spec.environment)["id"]
        return named
    flavor = flavor_of(spec, lambda model: build.spec_of("models", model))
    written = Environment(packages=[*PACKAGES[flavor or "custom"], *further])
    outputs = build_environment(
        replace(build, kind="environments", name=f"{build.name}.{name}", spec=written)
    )
    own: pulumi.Output[str] = outputs["id"]
    return own


def _code(build: Build, spec: Deployment) -> dict[str, str] | None:
    if spec.code is None:
        return None
    if not (build.root / spec.code.dir / spec.code.script).is_file():
        raise UsageError(
            f"endpoints.{build.name}: there is no {spec.code.dir}/{spec.code.script}",
            code="missing-path",
            remedy="paths are relative to the spec's folder",
        )
    digest = content.version(build.root / spec.code.dir)
    return {"path": spec.code.dir, "digest": digest, "script": spec.code.script}
