"""What keeps a deployment's pods up, and says who may reach them."""

from __future__ import annotations

from typing import Any

from mlstack.provider import Build
from mlstack_kubernetes.names import physical, selector
from mlstack_kubernetes.place import make


def guard(build: Build, name: str, *, port: str | None = "http", kept: bool = True) -> None:
    """``port`` None: all of a pod's, as what answers is a proxy beside the server. ``kept``: there is always
    one that could be missed."""
    from pulumi_kubernetes.networking import v1 as networking
    from pulumi_kubernetes.policy import v1 as policy

    mine = selector(build, name)
    if kept:
        make(
            build,
            policy.PodDisruptionBudget,
            name,
            name=physical(build, name),
            spec={"maxUnavailable": 1, "selector": {"matchLabels": mine}},
        )
    let_in: dict[str, Any] = {"from": [{"namespaceSelector": {}}]}
    if port is not None:
        let_in["ports"] = [{"protocol": "TCP", "port": port}]
    make(
        build,
        networking.NetworkPolicy,
        name,
        name=physical(build, name),
        spec={"podSelector": {"matchLabels": mine}, "policyTypes": ["Ingress"], "ingress": [let_in]},
    )
