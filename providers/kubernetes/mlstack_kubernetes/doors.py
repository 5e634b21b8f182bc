"""What a cluster has at its door, as the settings name it, and which endpoints need it."""

from __future__ import annotations

from mlstack.spec import Endpoint
from mlstack_kubernetes.settings import Gateway, Ingress, Settings

Door = Gateway | Ingress


def is_split(endpoint: Endpoint) -> bool:
    """Whether requests are shared out, or copied: what no Service does."""
    each = endpoint.deployments.values()
    return all(deployment.traffic != 100 for deployment in each) or any(one.mirror for one in each)


def chosen(endpoint: Endpoint, settings: Settings) -> Door | None:
    """What the endpoint is reached through; None: its Service alone."""
    if endpoint.public:
        return settings.gateway or settings.ingress
    return settings.internal_gateway if is_split(endpoint) else None
