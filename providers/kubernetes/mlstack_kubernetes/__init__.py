"""The Kubernetes target."""

from mlstack_kubernetes.provider import Kubernetes

__all__ = ["Kubernetes"]
