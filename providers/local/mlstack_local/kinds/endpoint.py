"""An endpoint on this machine: the gateway, then its deployments, then how they share the requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.gap import GapResource
from mlstack.program import scope
from mlstack.provider import Build
from mlstack.spec import Capture, Deployment
from mlstack_local.gateway import config as configs
from mlstack_local.kinds import batch, workers
from mlstack_local.kinds.common import warn_of_tags
from mlstack_local.kinds.deployment import made_of, warn_of_machine
from mlstack_local.resources.endpoint import gateway_version


def build(build: Build) -> Mapping[str, Any]:
    warn_of_tags(build)
    if build.spec.type == "batch":
        return batch.build(build)
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
    warn_of_machine(build, name, spec, "workers")
    inputs = {
        **made_of(build, name, spec),
        "stack_uid": build.stack_uid,
        "endpoint": build.name,
        "name": name,
        "server": workers.server(build, name, spec),
        "replicas": spec.replicas.min,
        "scaling": workers.scaling(build, name, spec),
        "controlled": workers.is_controlled(spec) or None,
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


def _capture(spec: Capture) -> dict[str, float]:
    # what is left out is written down too: the gateway tells what it does, and that is to be the same
    rotate = spec.rotate or configs.Capture.rotate
    given = {"sample": spec.sample, "rotate_seconds": rotate, "keep_seconds": spec.keep}
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
