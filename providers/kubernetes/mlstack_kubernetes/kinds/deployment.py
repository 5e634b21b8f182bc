"""A deployment of an online endpoint: a Deployment, what scales it, what keeps it up, who may reach it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack.spec.deployment import Probe, Replicas
from mlstack_kubernetes.kinds import answering, scraping
from mlstack_kubernetes.machines import needs
from mlstack_kubernetes.names import physical, selector
from mlstack_kubernetes.place import make, named
from mlstack_kubernetes.pods import SecretOf, template

#: How long a new version may take until it is ready: an image, packages and a model are to be fetched.
_PATIENCE = 1800
#: Between two looks at a server that is still starting.
_STARTING = 10
#: What a server has to end its requests in (`mlstack_serving`'s drain), and some time beside it.
_GRACE = 40
_USE = 80


def build_deployment(build: Build, name: str, spec: Deployment, key: SecretOf, *, routed: bool) -> Any:
    """The name of the Deployment. ``routed``: requests come through a gateway or ingress."""
    from pulumi_kubernetes.apps import v1
    from pulumi_kubernetes.networking import v1 as networking
    from pulumi_kubernetes.policy import v1 as policy

    if spec.timeout is not None and not routed:
        build.warn(
            f"deployments.{name}.timeout",
            "callers in the cluster ask the server itself, and wait as long as they like",
        )
    server = answering.of(build, name, spec, key)
    mine = selector(build, name)
    fixed = spec.replicas.min == spec.replicas.max
    pod = replace(server.pod, needs=needs(build, spec, spec.compute), labels=mine)
    pod.annotations = scraping.marks(build, spec, server.port)
    pod.more = {"ports": [{"name": "http", "containerPort": server.port}], **_probes(spec, server)}
    made = make(
        build,
        v1.Deployment,
        name,
        main=True,
        name=physical(build, name),
        options={
            "custom_timeouts": pulumi.CustomTimeouts(create=f"{_PATIENCE}s", update=f"{_PATIENCE}s"),
        },
        spec={
            **({"replicas": spec.replicas.min} if fixed else {}),
            "selector": {"matchLabels": mine},
            "progressDeadlineSeconds": _PATIENCE,
            "revisionHistoryLimit": 2,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": template(build, pod),
        },
    )
    deployed = named(made)
    if not fixed:
        _scaled(build, name, spec.replicas, deployed)
    make(
        build,
        policy.PodDisruptionBudget,
        name,
        name=physical(build, name),
        spec={"maxUnavailable": 1, "selector": {"matchLabels": mine}},
    )
    make(
        build,
        networking.NetworkPolicy,
        name,
        name=physical(build, name),
        spec={
            "podSelector": {"matchLabels": mine},
            "policyTypes": ["Ingress"],
            "ingress": [
                {"from": [{"namespaceSelector": {}}], "ports": [{"protocol": "TCP", "port": "http"}]}
            ],
        },
    )
    return deployed


def _scaled(build: Build, name: str, replicas: Replicas, deployed: Any) -> None:
    from pulumi_kubernetes.autoscaling import v2

    share = replicas.target.cpu if replicas.target is not None and replicas.target.cpu else _USE
    use = {"type": "Utilization", "averageUtilization": round(share)}
    spec: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployed},
        "minReplicas": replicas.min,
        "maxReplicas": replicas.max,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": use}}],
    }
    if replicas.idle is not None:
        spec["behavior"] = {"scaleDown": {"stabilizationWindowSeconds": round(replicas.idle)}}
    make(build, v2.HorizontalPodAutoscaler, name, name=physical(build, name), spec=spec)


def _probes(spec: Deployment, server: answering.Server) -> dict[str, Any]:
    given = spec.probes
    ready, live = (given.ready, given.live) if given is not None else (None, None)
    return {
        "startupProbe": {
            "httpGet": {"path": server.ready, "port": "http"},
            "periodSeconds": _STARTING,
            "failureThreshold": _PATIENCE // _STARTING,
        },
        "readinessProbe": _probe(ready, server.ready),
        "livenessProbe": _probe(live, server.live),
    }


def _probe(probe: Probe | None, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "httpGet": {"path": probe.path if probe and probe.path else path, "port": "http"}
    }
    if probe is None:
        return found
    values = {
        "initialDelaySeconds": probe.initial_delay,
        "periodSeconds": probe.period,
        "timeoutSeconds": probe.timeout,
        "failureThreshold": probe.failures,
    }
    return {**found, **{key: round(value) for key, value in values.items() if value is not None}}
