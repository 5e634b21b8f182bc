"""How a deployment's workers are kept: their number, their probes, a server of the user's own."""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack.spec.deployment import Probe
from mlstack_local.support.endpoints import AT_A_TIME

#: Seconds between two questions whether a worker is ready.
_PERIOD = 10.0


def server(build: Build, name: str, spec: Deployment) -> dict[str, Any] | None:
    container = spec.server.container if spec.server else None
    if container is None:
        return None
    place = f"deployments.{name}.server.container"
    build.warn(f"{place}.image", "has no effect on this machine: the command runs without it")
    if "port" in container.model_fields_set:
        build.warn(f"{place}.port", "has no effect on this machine: the variable PORT says where to listen")
    return {"command": container.command}


def scaling(build: Build, name: str, spec: Deployment) -> dict[str, Any] | None:
    """None where the number of workers is fixed."""
    replicas = spec.replicas
    if replicas.min == replicas.max:
        for field in ("target", "idle"):
            if getattr(replicas, field) is not None:
                build.warn(f"deployments.{name}.replicas.{field}", "has no effect: the number is fixed")
        return None
    limit = spec.limits.concurrency if spec.limits else None
    target = replicas.target.model_dump(exclude_none=True) if replicas.target else {}
    [(metric, value)] = target.items() or [("concurrency", limit or AT_A_TIME)]
    given = {"max": replicas.max, "metric": metric, "target": float(value)}
    if replicas.idle is not None:
        given["idle_seconds"] = float(replicas.idle)
    if metric == "cpu" and spec.cpus is not None:
        given["cpus"] = float(spec.cpus)
    return given


def is_controlled(spec: Deployment) -> bool:
    asked = spec.probes and (spec.probes.ready or spec.probes.live)
    return bool(asked) or spec.replicas.min != spec.replicas.max


def probe(spec: Deployment) -> dict[str, Any] | None:
    ready = spec.probes.ready if spec.probes else None
    container = spec.server.container if spec.server else None
    given: dict[str, Any] = {"path": container.health} if container else {}
    if ready is not None:
        given |= {"period_seconds": _PERIOD, **_asked(ready)}
    return given or None


def live(spec: Deployment) -> dict[str, Any] | None:
    live = spec.probes.live if spec.probes else None
    if live is None:
        return None
    container = spec.server.container if spec.server else None
    return {**({"path": container.health} if container else {}), **_asked(live)}


def _asked(probe: Probe) -> dict[str, Any]:
    given: dict[str, Any] = {} if probe.path is None else {"path": probe.path}
    for field in ("initial_delay", "period", "timeout"):
        if getattr(probe, field) is not None:
            given[f"{field}_seconds"] = float(getattr(probe, field))
    return given if probe.failures is None else {**given, "failures": probe.failures}
