"""A batch endpoint on this machine: one resource, and no process until it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlstack.gap import GapResource
from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_local.kinds.deployment import made_of, warn_of_machine

#: Reads and writes parquet; an environment that the spec names has it or not as its author wants.
_FURTHER = ("pyarrow",)


def build(build: Build) -> Mapping[str, Any]:
    spec = build.spec
    if spec.auth is not None:
        build.warn("auth", "has no effect: a batch endpoint listens nowhere on this machine")
    default = next(name for name, deployment in spec.deployments.items() if deployment.traffic == 100)
    endpoint = GapResource(
        "mlstack:local:BatchEndpoint",
        build.child(),
        {
            "stack_uid": build.stack_uid,
            "name": build.name,
            "default": default,
            "deployments": {name: _inputs(build, name, each) for name, each in spec.deployments.items()},
        },
        opts=build.opts(),
    )
    return {
        "url": None,
        "id": endpoint.id,
        "key": None,
        "deployments": {
            name: {"traffic": each.traffic, "replicas": each.replicas.max}
            for name, each in spec.deployments.items()
        },
    }


def _inputs(build: Build, name: str, spec: Deployment) -> dict[str, Any]:
    warn_of_machine(build, name, spec, "runs")
    for field in ("target", "idle"):
        if getattr(spec.replicas, field) is not None:
            build.warn(
                f"deployments.{name}.replicas.{field}", "has no effect: the processes of a run end with it"
            )
    inputs = {
        **made_of(build, name, spec, _FURTHER),
        "mini_batch": spec.mini_batch,
        "max_errors": spec.max_errors,
        "replicas": max(spec.replicas.min, spec.replicas.max),
        "timeout_seconds": None if spec.timeout is None else float(spec.timeout),
    }
    return {key: value for key, value in inputs.items() if value is not None}
