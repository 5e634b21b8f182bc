"""The Vertex AI target: the spec as resources of pulumi-gcp, and what that package lacks."""

from mlstack_gcp.provider import Gcp

__all__ = ["Gcp"]
