"""How the cluster's Prometheus finds the figures of an endpoint's pods: a ServiceMonitor, where the operator
is there; else annotations of the pods.

What is taken at the first `up` is kept: that somebody installs the operator some day must not replace what is
live.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlstack.provider import STACK_TAG, Build
from mlstack.spec import Deployment, Endpoint
from mlstack_kubernetes import prometheus
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.place import make

#: The label of Services behind which pods tell their figures, with the endpoint's name.
FIGURES = "mlstack.dev/figures"
_CHOICE = "kubernetes.prometheus"


def operated(build: Build) -> bool:
    """Whether the operator is used."""
    given = build.settings.prometheus.operator
    if given != "auto":
        return bool(given == "used")
    return False


def tells(spec: Deployment) -> bool:
    """Whether a deployment's server has figures at /metrics; of one of a user's own that is not known."""
    return spec.server is None or spec.server.vllm is not None


def marks(build: Build, spec: Deployment, port: int) -> Mapping[str, str]:
    """Of a deployment's pods."""
    return prometheus.marks(port) if tells(spec) and not operated(build) else {}


def figures(build: Build, *deployments: Deployment) -> Mapping[str, str]:
    """Of the Service before deployments."""
    return {FIGURES: build.name} if all(map(tells, deployments)) and operated(build) else {}


def build_monitor(build: Build) -> None:
    """For an endpoint, once."""
    from pulumi_kubernetes.apiextensions import CustomResource

    spec: Endpoint = build.spec
    if not operated(build) or not any(map(tells, spec.deployments.values())):
        return
    make(
        build,
        CustomResource,
        "figures",
        name=physical(build),
        more_labels=build.settings.prometheus.labels,
        api_version="monitoring.coreos.com/v1",
        kind="ServiceMonitor",
        spec={
            "selector": {"matchLabels": {STACK_TAG: build.stack_uid, FIGURES: build.name}},
            "podTargetLabels": [prometheus.POD_LABEL],
            "endpoints": [
                {"port": "http", "path": "/metrics", "interval": prometheus.span(prometheus.INTERVAL)}
            ],
        },
    )
