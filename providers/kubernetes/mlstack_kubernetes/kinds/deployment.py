"""A deployment of an online endpoint: a Deployment, what scales it, what keeps it up, who may reach it."""

from __future__ import annotations

from typing import Any

import pulumi

from mlstack.provider import Build
from mlstack.spec import Deployment
from mlstack_kubernetes.kinds.guarding import guard
from mlstack_kubernetes.kinds.scaling import build_scaling
from mlstack_kubernetes.kinds.serving_pod import PATIENCE, serving_pod
from mlstack_kubernetes.names import physical, selector
from mlstack_kubernetes.place import make, named
from mlstack_kubernetes.pods import SecretOf, template


def build_deployment(build: Build, name: str, spec: Deployment, key: SecretOf, *, routed: bool) -> Any:
    """The name of the Deployment. ``routed``: requests come through a gateway or ingress."""
    from pulumi_kubernetes.apps import v1

    if spec.replicas.min == 0:
        raise build.wrong(
            f"deployments.{name}.replicas.min",
            "nothing in the cluster keeps a request until there is a copy again",
            "set min: 1; or install KServe with Knative, and set settings.kubernetes.serving: kserve",
        )
    if spec.timeout is not None and not routed:
        build.warn(
            f"deployments.{name}.timeout",
            "callers in the cluster ask the server itself, and wait as long as they like",
        )
    fixed = spec.replicas.min == spec.replicas.max
    made = make(
        build,
        v1.Deployment,
        name,
        main=True,
        name=physical(build, name),
        options={
            "custom_timeouts": pulumi.CustomTimeouts(create=f"{PATIENCE}s", update=f"{PATIENCE}s"),
        },
        spec={
            **({"replicas": spec.replicas.min} if fixed else {}),
            "selector": {"matchLabels": selector(build, name)},
            "progressDeadlineSeconds": PATIENCE,
            "revisionHistoryLimit": 2,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": template(build, serving_pod(build, name, spec, key)),
        },
    )
    deployed = named(made)
    if not fixed:
        build_scaling(build, name, spec, deployed)
    guard(build, name)
    return deployed
