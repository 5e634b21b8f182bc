"""An endpoint on this machine: the gateway, then its deployments, then how they share the requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi

from mlstack import content
from mlstack.errors import UsageError
from mlstack.gap import GapResource
from mlstack.program import scope
from mlstack.provider import Build
from mlstack.spec import Capture, Deployment, Environment, InlineModel, Model
from mlstack_local import serving
from mlstack_local.kinds import workers
from mlstack_local.kinds.common import warn_of_tags
from mlstack_local.kinds.environment import build as build_environment
from mlstack_local.kinds.job import secret_inputs
from mlstack_local.kinds.model import build as build_model
from mlstack_local.resources.endpoint import gateway_version
from mlstack_local.support.endpoints import FLAVOR_PACKAGES, flavor_of

_NO_EFFECT = {
    "size": "workers share this machine",
    "instance": "workers share this machine",
    "cpus": "workers share this machine",
    "memory": "workers share this machine",
    "gpu": "a worker sees the accelerators that this machine has",
    "disk": "workers share this machine",
    "compute": "workers share this machine",
}


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    endpoint = GapResource(
        "mlstack:local:Endpoint",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "auth": "key",
            "port": _port(build),
            "running": True,
            "gateway": gateway_version(),
        },
        outputs=("url", "key"),
        opts=build.opts(),
    )
    deployments = {
        name: _deployment(build, name, spec, endpoint) for name, spec in build.spec.deployments.items()
    }
    GapResource(
        "mlstack:local:Traffic",
        build.child("traffic"),
        {
            "stack_uid": build.stack_uid,
            "endpoint": build.name,
            "weights": {name: spec.traffic for name, spec in build.spec.deployments.items()},
            "mirrors": {name: spec.mirror for name, spec in build.spec.deployments.items() if spec.mirror},
            "captures": {
                name: _capture(spec.capture) for name, spec in build.spec.deployments.items() if spec.capture
            },
            "generations": {name: made.output("generation") for name, made in deployments.items()},
        },
        opts=build.opts(depends_on=[endpoint, *deployments.values()]),
    )
    return {
        "url": endpoint.output("url"),
        "id": endpoint.id,
        "key": endpoint.output("key"),
        "deployments": {
            name: {"traffic": spec.traffic, "replicas": spec.replicas.min}
            for name, spec in build.spec.deployments.items()
        },
    }


def _port(build: Build) -> int | None:
    """The first endpoint of the program has the port of the settings, the next one the next."""
    if build.settings.port is None:
        return None
    endpoints = [name for kind, name in scope().components if kind == "endpoints"]
    return int(build.settings.port) + endpoints.index(build.name)


def _deployment(build: Build, name: str, spec: Deployment, endpoint: GapResource) -> GapResource:
    for field, reason in _NO_EFFECT.items():
        if getattr(spec, field) is not None:
            build.warn(f"deployments.{name}.{field}", f"has no effect on this machine: {reason}")
    inputs = {
        "stack_uid": build.stack_uid,
        "endpoint": build.name,
        "name": name,
        "model": _model(build, name, spec),
        "environment": _environment(build, name, spec),
        "runtime": None if spec.server else serving.runtime(),
        "code": _code(build, spec),
        "server": workers.server(build, name, spec),
        "replicas": spec.replicas.min,
        "scaling": workers.scaling(build, name, spec),
        "controlled": workers.is_controlled(spec) or None,
        "env": dict(spec.env),
        "secrets": secret_inputs(build, spec.secrets),
        "batching": _batching(spec),
        "limits": _limits(spec),
        "timeout_seconds": None if spec.timeout is None else float(spec.timeout),
        "probe": workers.probe(spec),
        "live": workers.live(spec),
    }
    given = {key: value for key, value in inputs.items() if value is not None}
    return GapResource(
        "mlstack:local:Deployment",
        build.child(name),
        given,
        outputs=("generation", "workers"),
        opts=build.opts(depends_on=[endpoint]),
    )


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


def _environment(build: Build, name: str, spec: Deployment) -> pulumi.Input[str] | None:
    if spec.server is not None:
        return None
    if spec.environment is not None:
        named: pulumi.Output[str] = build.outputs("environments", spec.environment)["id"]
        return named
    flavor = flavor_of(spec, lambda model: build.spec_of("models", model))
    written = Environment(packages=list(FLAVOR_PACKAGES[flavor or "custom"]))
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


def _capture(spec: Capture) -> dict[str, float]:
    given = {"sample": spec.sample, "rotate_seconds": spec.rotate, "keep_seconds": spec.keep}
    return {key: float(value) for key, value in given.items() if value is not None}


def _batching(spec: Deployment) -> dict[str, Any] | None:
    if spec.batching is None:
        return None
    return {"size": spec.batching.size, "wait_seconds": float(spec.batching.wait)}


def _limits(spec: Deployment) -> dict[str, int] | None:
    limits = spec.limits
    if limits is None:
        return None
    body = None if limits.body is None else limits.body.bytes
    given = {"concurrency": limits.concurrency, "queue": limits.queue, "body_bytes": body}
    return {key: value for key, value in given.items() if value is not None}
