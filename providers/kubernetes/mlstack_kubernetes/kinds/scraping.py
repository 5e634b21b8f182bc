"""How the cluster's Prometheus finds the figures of an endpoint's pods: a ServiceMonitor, where the operator
is there; else annotations of the pods.

What is taken at the first `up` is kept: that somebody installs the operator some day must not replace what is
live.
"""

from __future__ import annotations

from collections.abc import Mapping

from mlstack.provider import STACK_TAG, Build
from mlstack.spec import Deployment, Endpoint
from mlstack_kubernetes import offering, prometheus
from mlstack_kubernetes.names import physical
from mlstack_kubernetes.offering import Offering
from mlstack_kubernetes.place import make, place

#: The label of Services behind which pods tell their figures, with the endpoint's name.
FIGURES = "mlstack.dev/figures"
_SHARED = "kubernetes.prometheus"
_UNSEEN = "kubernetes.unseen"


def operated(build: Build) -> bool:
    """Whether the operator is used."""
    given = build.settings.prometheus.operator
    if given != "auto":
        return bool(given == "used")
    if _SHARED not in build.shared:
        build.shared[_SHARED] = _chosen(place(build).workspace)
    return bool(build.shared[_SHARED] == "used")


def _chosen(build: Build) -> str:
    def choose(found: Offering) -> tuple[str, str]:
        if found.has(offering.PROMETHEUS_RULE):
            return "used", "the cluster has the Prometheus operator"
        return "none", "the cluster has no Prometheus operator"

    if build.choices.get(f"{build.kind}.{build.name}.prometheus") is None and offering.offering(build).unread:
        return "none"  # nothing to keep: it is not known
    return offering.chosen(build, "prometheus", choose)


def tells(spec: Deployment) -> bool:
    """Whether a deployment's server has figures at /metrics; of one of a user's own that is not known."""
    return spec.server is None or spec.server.vllm is not None


def marks(build: Build, spec: Deployment, port: int) -> Mapping[str, str]:
    """Of a deployment's pods."""
    return prometheus.marks(port) if tells(spec) and not operated(build) else {}


def figures(build: Build, *deployments: Deployment) -> Mapping[str, str]:
    """Of the Service before deployments."""
    return {FIGURES: build.name} if all(map(tells, deployments)) and operated(build) else {}


def unseen(build: Build) -> None:
    """Said by the builder of an endpoint that Knative serves: no Service of ours leads to its pods."""
    build.shared.setdefault(_UNSEEN, set()).add(build.name)


def is_unseen(build: Build, endpoint: str) -> bool:
    return endpoint in build.shared.get(_UNSEEN, ())


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
